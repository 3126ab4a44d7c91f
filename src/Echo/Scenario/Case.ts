import * as Capture from "./Capture.ts"
import * as Expectation from "./Expectation.ts"
import type { ExpectedMessage } from "./Expected.ts"
import type { Case } from "./Op.ts"

const capturesOf = (captures: Readonly<Record<string, Capture.Capture>> = {}): Case["captures"] =>
  Object.entries(captures).map(([name, capture]) => ({
    name,
    read: Capture.compile(capture),
    from: Capture.describe(capture)
  }))

/** Compiles the condition on one message, with what is read from the message. */
export const compile = (given: string | ExpectedMessage): Case => {
  const message = typeof given === "string" ? { exact: given } : given
  const captures = capturesOf(message.capture)
  const stamp = message.stamp === undefined ? undefined : Capture.compile(message.stamp)
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
