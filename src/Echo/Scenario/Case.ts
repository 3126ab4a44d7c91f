import * as Capture from "./Capture.ts"
import * as Expectation from "./Expectation.ts"
import type { ExpectedMessage } from "./Expected.ts"
import type { Case } from "./Op.ts"

/** Reads a part of a message, or of what follows its prefix. */
const readerOf = (capture: Capture.Capture, prefix: string | undefined): Capture.Reader => {
  const read = Capture.compile(capture)
  if (prefix === undefined) return read
  const rest = Expectation.afterPrefix(prefix)
  return (message) => {
    const text = rest(message)
    return text === undefined ? undefined : read(text)
  }
}

const capturesOf = ({ capture: captures = {}, prefix }: ExpectedMessage): Case["captures"] =>
  Object.entries(captures).map(([name, capture]) => ({
    name,
    read: readerOf(capture, prefix),
    from: Capture.describe(capture)
  }))

/** Compiles the condition on one message, with what is read from the message. */
export const compile = (given: string | ExpectedMessage): Case => {
  const message: ExpectedMessage = typeof given === "string" ? { exact: given } : given
  const captures = capturesOf(message)
  const stamp = message.stamp === undefined ? undefined : readerOf(message.stamp, message.prefix)
  return {
    expectation: Expectation.compile(message),
    captures,
    stamp,
    reads: captures.length > 0 || stamp !== undefined,
    next: 0
  }
}

/** The variables that a message sets. */
export const setsOf = (from: string | { readonly capture?: object | undefined }): ReadonlyArray<string> =>
  typeof from === "object" ? Object.keys(from.capture ?? {}) : []

export const withoutTexts = (all: ReadonlyArray<string | ExpectedMessage>): ReadonlyArray<ExpectedMessage> =>
  all.filter((message) => typeof message === "object")
