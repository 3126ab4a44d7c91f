/**
 * The kinds of values that people write: numbers in a range, times, sizes, choices. Each kind is a schema from text, whose
 * description completes the sentence "expected ...". So every error names the option, the given value and the expected one.
 */
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import { parseSize } from "./Size.ts"
import { parseTimeSpan } from "./TimeSpan.ts"

export type Kind<A> = Schema.Schema<A, string>

/**
 * A kind of value. `read` returns the value, or `undefined` if the text is not of this kind. The help shows `placeholder`
 * instead of a value.
 */
export const make = <A>(
  placeholder: string,
  expected: string,
  read: (text: string) => A | undefined,
  write: (value: A) => string = String,
  values: Schema.Schema<A> = Schema.Any
): Kind<A> =>
  Schema.transformOrFail(Schema.String, values, {
    strict: true,
    decode: (text, _, ast) => {
      const value = read(text)
      return value === undefined ? ParseResult.fail(new ParseResult.Type(ast, text)) : ParseResult.succeed(value)
    },
    encode: (value) => ParseResult.succeed(write(value))
  }).annotations({ title: placeholder, description: expected })

const numberOf = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text))

const numbers = (
  placeholder: string,
  expected: string,
  fits: (value: number) => boolean,
  read: (text: string) => number | undefined = numberOf,
  write?: (value: number) => string
): Kind<number> =>
  make(
    placeholder,
    expected,
    (text) => {
      const value = read(text)
      return value !== undefined && fits(value) ? value : undefined
    },
    write
  )

export const whole = (least: number, most = Number.MAX_SAFE_INTEGER): Kind<number> =>
  numbers(
    "N",
    `a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? "" : ` to ${most}`}`,
    (value) => Number.isSafeInteger(value) && value >= least && value <= most
  )

export const wholeOr = <const Word extends string>(word: Word, least: number, most: number): Kind<number | Word> =>
  Schema.Union(whole(least, most), choice(word)).annotations({
    title: `N|${word}`,
    description: `a whole number from ${least} to ${most}, or ${word}`
  })

export const anyText = (placeholder: string): Kind<string> =>
  Schema.String.annotations({ title: placeholder, description: "a text" })

/** A rate per second. `of` is what is counted. */
export const rate = (of: string): Kind<number> =>
  numbers("RATE", `${of} per second, more than 0`, (value) => value > 0 && value <= 1e9)

const isPart = (value: number): boolean => value >= 0 && value <= 1

export const probability = numbers("P", "a probability, from 0 to 1", isPart)

/** A part of a whole: `5%` or `0.05`. */
export const share = numbers("PART", "a part, such as 5% or 0.05", isPart, (text) =>
  text.endsWith("%") ? numberOf(text.slice(0, -1)) / 100 : numberOf(text)
)

export const port: Kind<number> = whole(0, 65_535).annotations({ title: "PORT" })

/** Formats a value in the largest unit in which it is a whole number: `30s`, `64KiB`. */
const inUnits =
  (units: ReadonlyArray<readonly [name: string, size: number]>) =>
  (value: number): string => {
    const [name, size] = units.find(([, size]) => value !== 0 && value % size === 0) ?? ["", 1]
    return `${value / size}${name}`
  }

const inTime = inUnits([
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1]
])
const inBytes = inUnits([
  ["GiB", 1024 ** 3],
  ["MiB", 1024 ** 2],
  ["KiB", 1024]
])

/** The longest time in milliseconds. Node's timers are limited to 2^31 ms, which is 24.8 days. */
const LONGEST = 24 * 86_400_000

/** A time, in milliseconds, as its limits are. A number without a unit is in seconds. */
export const duration = (least = 1, most = LONGEST): Kind<number> => {
  const from = least === 0 ? "0" : least === 1 ? "more than 0" : `${least}ms`
  const to = most === LONGEST ? "24 days" : inTime(most)
  return numbers(
    "TIME",
    `a time from ${from} to ${to}, such as 500ms, 30s or 2m (a number without a unit is in seconds)`,
    (value) => value >= least && value <= most,
    parseTimeSpan,
    inTime
  )
}

/** A size in bytes. */
export const size = (least: number): Kind<number> =>
  numbers(
    "SIZE",
    `a size from ${inBytes(least)}, such as 64KiB, 512MB or 2GiB (a number without a unit is in bytes)`,
    (value) => value >= least && Number.isSafeInteger(value),
    parseSize,
    inBytes
  )

export const choice = <const Word extends string>(...words: ReadonlyArray<Word>): Kind<Word> =>
  make("WORD", words.join(", "), (text) => words.find((word) => word === text), String, Schema.Literal(...words))

/** What a kind expects, for messages. */
export const expectedBy = <A>(kind: Kind<A>): string =>
  Option.getOrElse(SchemaAST.getDescriptionAnnotation(kind.ast), () => "another value")

/** What help shows in place of a value. */
export const placeholderOf = <A>(kind: Kind<A>): string =>
  Option.getOrElse(SchemaAST.getTitleAnnotation(kind.ast), () => "VALUE")

/** The words that a kind takes: those of a `choice`, and of the choices in a union. */
export const wordsOf = <A>(kind: Kind<A>): ReadonlyArray<string> => wordsIn(kind.ast)

const wordsIn = (ast: SchemaAST.AST): ReadonlyArray<string> => {
  if (SchemaAST.isUnion(ast)) return ast.types.flatMap(wordsIn)
  if (SchemaAST.isTransformation(ast)) return wordsIn(ast.to)
  return SchemaAST.isLiteral(ast) ? [String(ast.literal)] : []
}
