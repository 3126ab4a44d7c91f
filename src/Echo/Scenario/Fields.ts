import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { parseSize } from "../../Text/Size.ts"
import { messageOf } from "../../Text/Thrown.ts"
import { parseTimeSpan } from "../../Text/TimeSpan.ts"
import * as Template from "./Template.ts"

const MAX_TIMEOUT = 3_600_000

/** A template: text that may contain `{{client}}`, `{{round}}`, `{{message}}`, variables and generators. */
export const TemplateText = Schema.String.pipe(Schema.filter(Template.problemOf))

export const Json = Schema.Unknown.pipe(Schema.filter(Template.problemOfJson)).annotations({
  // Effect's schema for `Unknown` has an $id, which must not occur twice in a file. This `anyOf` replaces it.
  jsonSchema: { description: "Any JSON; its strings are templates", anyOf: [{}] }
})

export const Base64 = Schema.String.pipe(
  Schema.filter((text) => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0, {
    message: () => "expected base64, such as aGVsbG8="
  })
)

export const RegularExpression = Schema.String.pipe(
  Schema.filter((source) => {
    const problem = Template.problemOf(source)
    if (problem !== undefined) return problem
    try {
      Template.compilePattern(source)(Template.sample)
      return undefined
    } catch (error) {
      return `expected a regular expression: ${messageOf(error)}`
    }
  })
)

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

export const Timeout = TimeSpan.pipe(
  Schema.filter((ms) => ms > 0 && ms <= MAX_TIMEOUT, { message: () => "expected a time over 0 and up to 1h" })
)

export const CloseCode = Schema.Int.pipe(
  Schema.filter((code) => code === 1000 || (code >= 3000 && code <= 4999), {
    message: () => "expected a code that a client may close with: 1000, or from 3000 to 4999"
  })
)

const keysOf = (value: object): ReadonlyArray<string> =>
  Object.entries(value).flatMap(([key, entry]) => (entry === undefined ? [] : [key]))

export const exactlyOne =
  (names: ReadonlyArray<string>) =>
  (value: object): string | undefined => {
    const found = keysOf(value).filter((key) => names.includes(key))
    return found.length === 1
      ? undefined
      : `expected exactly one of ${names.join(", ")}${found.length === 0 ? "" : ` but found ${found.join(" and ")}`}`
  }

/** Requires exactly one of these members. Other members are allowed. */
export const oneOf = <A extends object, I, R>(
  names: ReadonlyArray<string>
): ((self: Schema.Schema<A, I, R>) => Schema.filter<Schema.Schema<A, I, R>>) =>
  Schema.filter(exactlyOne(names), {
    // Effect would take a `oneOf` at the top for the whole schema, so it is inside an `allOf`.
    jsonSchema: { allOf: [{ oneOf: names.map((name) => ({ required: [name] })) }] }
  })

/** Bytes as pairs of hexadecimal digits, with or without spaces between the pairs. A template. */
export const Hex = TemplateText.pipe(
  Schema.filter((text) => !Template.isConstant(text) || /^\s*(?:[0-9a-f]{2}\s*)*$/i.test(text), {
    message: () => "expected pairs of hexadecimal digits, such as 00ff or '00 ff'"
  })
)

export const Size = Schema.Union(Schema.Int, Schema.String).pipe(
  Schema.filter((size) => (parseSize(String(size)) ?? Infinity) <= 16 * 1024 * 1024, {
    message: () => "expected a size up to 16MiB, such as 100, 64KiB or 1MB"
  })
)

/** The name of a variable: letters, digits, _ and -, but not the name of a built-in value. */
export const VariableName = Schema.String.pipe(
  Schema.filter((name) => /^[A-Za-z_][\w-]*$/.test(name) && !Template.isBuiltIn(name), {
    message: () =>
      `expected a name of letters, digits, _ and - that begins with a letter, except ${Template.builtIns.join(", ")}`
  })
)

export const FigureName = Schema.String.pipe(
  Schema.filter((name) => /^[A-Za-z][\w-]*$/.test(name), {
    message: () => "expected a name of letters, digits, _ and - that begins with a letter"
  })
)
