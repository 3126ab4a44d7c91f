import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
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
          return `expected a regular expression: ${error instanceof Error ? error.message : String(error)}`
        }
      })
    )
  }),
  /** The bytes from the first index to the second, which is not included. */
  Schema.Struct({ bytes: Schema.Tuple(Index, Index) })
)
export type Capture = typeof Capture.Type

/** Reads the part of a message; `undefined` if the message does not have it. */
export type Reader = (message: Message) => string | undefined

const textOf = (message: Message): string =>
  typeof message === "string" ? message : Buffer.from(message).toString("utf8")

const byPath = (text: string): Reader => {
  const path = Either.getOrElse(JsonPath.parse(text), (): JsonPath.JsonPath => [])
  return (message) => {
    const parsed = JsonMessage.of(message)
    if (parsed === undefined) return undefined
    const value = JsonPath.get(parsed.value, path)
    return typeof value === "string" ? value : JSON.stringify(value)
  }
}

const byPattern = (source: string): Reader => {
  const expression = new RegExp(source)
  return (message) => {
    const match = expression.exec(textOf(message))
    return match?.[1] ?? match?.[0]
  }
}

const byPlace = (from: number, until: number): Reader => {
  return (message) => {
    const bytes = typeof message === "string" ? Buffer.from(message) : message
    return bytes.length < until ? undefined : Buffer.from(bytes.subarray(from, until)).toString("hex")
  }
}

export const compile = (capture: Capture): Reader => {
  if (typeof capture === "string") return byPath(capture)
  if ("json" in capture) return byPath(capture.json)
  if ("pattern" in capture) return byPattern(capture.pattern)
  return byPlace(...capture.bytes)
}

export const describe = (capture: Capture): string => {
  if (typeof capture === "string") return capture
  if ("json" in capture) return capture.json
  if ("pattern" in capture) return `/${capture.pattern}/`
  return `bytes ${capture.bytes[0]} to ${capture.bytes[1]}`
}
