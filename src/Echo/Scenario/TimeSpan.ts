import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Reads a time such as `500ms`, `2s`, `1.5m`, `1h` or a bare number of seconds as milliseconds; `undefined` for any other text. */
export const parseTimeSpan = (text: string): number | undefined => {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|m|h)?\s*$/.exec(text)
  return match === null ? undefined : Number(match[1]) * UNITS[match[2] ?? "s"]!
}

/** A time that is written as `500ms`, `2s`, `1.5m`, `1h` or as a number of seconds. The value is in milliseconds. */
export const TimeSpan = Schema.transformOrFail(
  Schema.Union(Schema.String, Schema.Number).annotations({ title: "a time such as 500ms, 2s or 1m" }),
  Schema.Number,
  {
    strict: true,
    decode: (input, _, ast) => {
      const milliseconds = parseTimeSpan(String(input))
      return milliseconds === undefined
        ? ParseResult.fail(new ParseResult.Type(ast, input, "expected a time such as 500ms, 2s or 1m"))
        : ParseResult.succeed(milliseconds)
    },
    encode: (milliseconds) => ParseResult.succeed(`${milliseconds}ms`)
  }
)
