import * as Capture from "./Capture.ts"
import * as Expectation from "./Expectation.ts"
import type { ExpectedMessage } from "./Expected.ts"
import type { Case } from "./Op.ts"

/** Compiles a capture from a message, or from what follows its prefix. */
const captureOf = (capture: Capture.Capture, prefix: string | undefined): Capture.Compiled => {
  const { from, read } = Capture.compile(capture)
  if (prefix === undefined) return { from, read }
  const rest = Expectation.afterPrefix(prefix)
  const readRest: Capture.CaptureReader = (message) => {
    const text = rest(message)
    return text === undefined ? undefined : read(text)
  }
  return { from, read: readRest }
}

/** Compiles the condition on one message, with what is read from the message. */
export const compile = (given: string | ExpectedMessage): Case => {
  const message: ExpectedMessage = typeof given === "string" ? { exact: given } : given
  const { capture = {}, prefix, stamp } = message
  const captures = Object.entries(capture).map(([name, one]) => ({ name, ...captureOf(one, prefix) }))
  return {
    expectation: Expectation.compile(message),
    captures,
    stamp: stamp === undefined ? undefined : captureOf(stamp, prefix).read,
    reads: captures.length > 0 || stamp !== undefined,
    next: 0
  }
}

export const setsOf = (from: string | { readonly capture?: object | undefined }): ReadonlyArray<string> =>
  typeof from === "object" ? Object.keys(from.capture ?? {}) : []

export const withoutTexts = (all: ReadonlyArray<string | ExpectedMessage>): ReadonlyArray<ExpectedMessage> =>
  all.filter((message) => typeof message === "object")
