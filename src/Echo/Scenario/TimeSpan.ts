import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { parseTimeSpan } from "../../Text/TimeSpan.ts"

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
