/**
 * The kinds of option values: numbers in a range, times, choices. Each kind is a schema whose description completes the sentence
 * "expected ...". So every error names the option, the given value and the expected one.
 */
import * as Options from "@effect/cli/Options"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import { parseSize } from "../Echo/Scenario/Size.ts"
import { parseTimeSpan } from "../Echo/Scenario/TimeSpan.ts"

export type Kind<A> = Schema.Schema<A, string>

/**
 * A kind of option. `read` returns the value, or `undefined` if the text is not of this kind. The help shows `placeholder`
 * instead of a value.
 */
const kind = (
  placeholder: string,
  expected: string,
  read: (text: string) => number | undefined,
  write: (value: number) => string = String
): Kind<number> =>
  Schema.transformOrFail(Schema.String, Schema.Number, {
    strict: true,
    decode: (text, _, ast) => {
      const value = read(text)
      return value === undefined ? ParseResult.fail(new ParseResult.Type(ast, text)) : ParseResult.succeed(value)
    },
    encode: (value) => ParseResult.succeed(write(value))
  }).annotations({ title: placeholder, description: expected })

const numberOf = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text))

/** A whole number in a range. */
export const whole = (least: number, most = Number.MAX_SAFE_INTEGER): Kind<number> =>
  kind(
    "N",
    most === Number.MAX_SAFE_INTEGER ? `a whole number from ${least}` : `a whole number from ${least} to ${most}`,
    (text) => {
      const value = numberOf(text)
      return Number.isSafeInteger(value) && value >= least && value <= most ? value : undefined
    }
  )

/** A whole number in a range, or a word. */
export const wholeOr = <const Word extends string>(word: Word, least: number, most: number): Kind<number | Word> =>
  Schema.Union(whole(least, most), choice(word)).annotations({
    title: `N|${word}`,
    description: `a whole number from ${least} to ${most}, or ${word}`
  })

/** A rate per second. `of` is what is counted. */
export const rate = (of: string, most = 1e9): Kind<number> =>
  kind("RATE", `${of} per second, more than 0`, (text) => {
    const value = numberOf(text)
    return value > 0 && value <= most ? value : undefined
  })

export const probability: Kind<number> = kind("P", "a probability, from 0 to 1", (text) => {
  const value = numberOf(text)
  return value >= 0 && value <= 1 ? value : undefined
})

/** A part of a whole: `5%` or `0.05`. */
export const share: Kind<number> = kind("PART", "a part, such as 5% or 0.05", (text) => {
  const value = text.endsWith("%") ? numberOf(text.slice(0, -1)) / 100 : numberOf(text)
  return value >= 0 && value <= 1 ? value : undefined
})

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

/** A time, in milliseconds. A number without a unit is in seconds. `least` and `most` are in milliseconds; `mostText` is `most` for messages. */
export const duration = (
  options: { readonly least?: number; readonly most?: number; readonly mostText?: string } = {}
) => {
  const { least = 1, most = LONGEST, mostText = "24 days" } = options
  const from = least === 0 ? "0" : least === 1 ? "more than 0" : `${least}ms`
  return kind(
    "TIME",
    `a time from ${from} to ${mostText}, such as 500ms, 30s or 2m (a number without a unit is in seconds)`,
    (text) => {
      const value = parseTimeSpan(text)
      return value !== undefined && value >= least && value <= most ? value : undefined
    },
    inTime
  )
}

/** A size in bytes. `leastText` is `least` for messages. */
export const size = (least: number, leastText: string): Kind<number> =>
  kind(
    "SIZE",
    `a size from ${leastText}, such as 64KiB, 512MB or 2GiB (a number without a unit is in bytes)`,
    (text) => {
      const value = parseSize(text)
      return value !== undefined && value >= least && Number.isSafeInteger(value) ? value : undefined
    },
    inBytes
  )

/** One of several words. */
export const choice = <const Word extends string>(...words: ReadonlyArray<Word>): Kind<Word> =>
  Schema.transformOrFail(Schema.String, Schema.Literal(...words), {
    strict: true,
    decode: (text, _, ast) => {
      const word = words.find((each) => each === text)
      return word === undefined ? ParseResult.fail(new ParseResult.Type(ast, text)) : ParseResult.succeed(word)
    },
    encode: (word) => ParseResult.succeed(word)
  }).annotations({ title: "WORD", description: words.join(", ") })

const expectedBy = <A>(kind: Kind<A>): string =>
  Option.getOrElse(SchemaAST.getDescriptionAnnotation(kind.ast), () => "another value")

const placeholderOf = <A>(kind: Kind<A>): string =>
  Option.getOrElse(SchemaAST.getTitleAnnotation(kind.ast), () => "VALUE")

/** An option with any text. The help shows `placeholder` instead of a value. */
export const text = (name: string, placeholder: string, description: string): Options.Options<string> =>
  Options.text(name).pipe(Options.withPseudoName(placeholder), Options.withDescription(description))

/** Like `text`, for an optional option. */
export const optionalText = (name: string, placeholder: string, description: string) =>
  Options.optional(text(name, placeholder, description))

/** Like `text`, for a repeatable option. */
export const texts = (name: string, placeholder: string, description: string) =>
  Options.repeated(text(name, placeholder, description))

export const flag = (name: string, description: string): Options.Options<boolean> =>
  Options.withDescription(Options.boolean(name), description)

/** An option with a value of this kind. */
export const value = <A>(name: string, kind: Kind<A>, description: string, alias?: string): Options.Options<A> => {
  const written = text(name, placeholderOf(kind), description)
  return (alias === undefined ? written : Options.withAlias(written, alias)).pipe(
    Options.withSchema(
      kind.annotations({
        message: ({ actual }) => ({ message: `--${name} ${actual}: expected ${expectedBy(kind)}`, override: true })
      })
    )
  )
}

/** A repeatable option with values of this kind. */
export const values = <A>(name: string, kind: Kind<A>, description: string): Options.Options<ReadonlyArray<A>> => {
  const isWrong = (text: unknown) => Either.isLeft(Schema.decodeUnknownEither(kind)(text))
  return texts(name, placeholderOf(kind), description).pipe(
    Options.withSchema(
      Schema.mutable(Schema.Array(kind)).annotations({
        message: ({ actual }) => {
          const wrong = Array.isArray(actual) ? actual.find(isWrong) : actual
          return { message: `--${name} ${wrong}: expected ${expectedBy(kind)}`, override: true }
        }
      })
    )
  )
}

/** A value of this kind from an environment variable. */
export const variable = <A>(name: string, kind: Kind<A>): Config.Config<A> =>
  Config.mapOrFail(Config.string(name), (text) =>
    Either.mapLeft(Schema.decodeEither(kind)(text), () =>
      ConfigError.InvalidData([], `${name}=${text}: expected ${expectedBy(kind)}`)
    )
  )
