import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { messageOf } from "../../Text/Thrown.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import * as JsonMessage from "./JsonMessage.ts"
import * as JsonPath from "./JsonPath.ts"

const Path = Schema.String.pipe(
  Schema.filter((text) => Either.getOrUndefined(Either.flip(JsonPath.parse(text)))),
  Schema.annotations({ description: "A path to one place in JSON, such as $.user.ids[0]" })
)

const Index = Schema.Int.pipe(Schema.nonNegative())

/** A part of a message: a JSON path, the first group of a regular expression (or the whole match, without a group), or bytes as hex. */
export const Capture = Schema.Union(
  Path,
  Schema.Struct({ json: Path }),
  Schema.Struct({
    pattern: Schema.String.pipe(
      Schema.filter((source) => {
        try {
          new RegExp(source)
          return undefined
        } catch (error) {
          return `expected a regular expression: ${messageOf(error)}`
        }
      })
    )
  }),
  /** The bytes from the first index to the second, which is not included. */
  Schema.Struct({ bytes: Schema.Tuple(Index, Index) })
)
export type Capture = typeof Capture.Type

/** Reads the part of a message; `undefined` if the message does not have it. */
export type CaptureReader = (message: Message) => string | undefined

/** A capture, compiled. `from` is the part, for failures. */
export interface Compiled {
  readonly read: CaptureReader
  readonly from: string
}

const textOf = (message: Message): string =>
  typeof message === "string" ? message : Buffer.from(message).toString("utf8")

const byPath = (text: string): Compiled => {
  const path = Either.getOrElse(JsonPath.parse(text), (): JsonPath.JsonPath => [])
  const read: CaptureReader = (message) => {
    const parsed = JsonMessage.of(message)
    if (parsed === undefined) return undefined
    const value = JsonPath.get(parsed.value, path)
    return typeof value === "string" ? value : JSON.stringify(value)
  }
  return { read, from: text }
}

const byPattern = (source: string): Compiled => {
  const expression = new RegExp(source)
  const read: CaptureReader = (message) => {
    const match = expression.exec(textOf(message))
    return match?.[1] ?? match?.[0]
  }
  return { read, from: `/${source}/` }
}

const byPlace = (from: number, until: number): Compiled => {
  const read: CaptureReader = (message) => {
    const bytes = typeof message === "string" ? Buffer.from(message) : message
    return bytes.length < until ? undefined : Buffer.from(bytes.subarray(from, until)).toString("hex")
  }
  return { read, from: `bytes ${from} to ${until}` }
}

export const compile = (capture: Capture): Compiled => {
  if (typeof capture === "string") return byPath(capture)
  if ("json" in capture) return byPath(capture.json)
  return "pattern" in capture ? byPattern(capture.pattern) : byPlace(...capture.bytes)
}
