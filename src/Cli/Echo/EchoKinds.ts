/** Kinds of values that only options of `echo` take. */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Stages from "../../Echo/Scenario/Stages.ts"
import type * as Kind from "../../Text/Kind.ts"

const MAX_RATE = 1e7

const EXAMPLE = "'20/s for 1m', '0->500/s in 30s' or '100 at once', separated by commas"

/** A schedule of clients or messages. */
export const stages: Kind.Kind<Stages.Stages> = Schema.transformOrFail(
  Schema.String,
  Schema.Array(Schema.typeSchema(Stages.Stage)),
  {
    strict: true,
    decode: (text, _, ast) => Either.mapLeft(Stages.parse(text), () => new ParseResult.Type(ast, text)),
    encode: (value) => ParseResult.succeed(Stages.describe(value))
  }
).annotations({ title: "STAGES", description: `stages with at least one rate or number above 0, such as ${EXAMPLE}` })

export const MAX_CLIENTS = 10_000_000

/** The number of clients, or a schedule of it. */
export const clients: Kind.Kind<number | Stages.Stages> = Schema.transformOrFail(
  Schema.String,
  Schema.Union(Schema.Number, Schema.Array(Schema.typeSchema(Stages.Stage))),
  {
    strict: true,
    decode: (text, _, ast) => {
      const refused = new ParseResult.Type(ast, text)
      if (!/\s/.test(text.trim())) {
        const value = /^\d+$/.test(text.trim()) ? Number(text) : 0
        return value >= 1 && value <= MAX_CLIENTS ? ParseResult.succeed(value) : ParseResult.fail(refused)
      }
      const stages = Either.getOrUndefined(Stages.parseLevels(text))
      return stages !== undefined && Stages.most(stages) <= MAX_CLIENTS
        ? ParseResult.succeed(stages)
        : ParseResult.fail(refused)
    },
    encode: (value) => ParseResult.succeed(typeof value === "number" ? String(value) : Stages.describeLevels(value))
  }
).annotations({
  title: "N",
  description: "a whole number from 1 to 10000000, or stages such as '0->500 in 30s, 500 for 5m, 500->0 in 1m'"
})

/** Messages per second: a constant rate or a schedule. */
export const rate: Kind.Kind<number | Stages.Stages> = Schema.transformOrFail(
  Schema.String,
  Schema.Union(Schema.Number, Schema.Array(Schema.typeSchema(Stages.Stage))),
  {
    strict: true,
    decode: (text, _, ast) => {
      const value = text.trim() === "" ? Number.NaN : Number(text)
      if (value > 0 && value <= MAX_RATE) return ParseResult.succeed(value)
      return Number.isNaN(value)
        ? Either.mapLeft(Stages.parse(text), () => new ParseResult.Type(ast, text))
        : ParseResult.fail(new ParseResult.Type(ast, text))
    },
    encode: (value) => ParseResult.succeed(typeof value === "number" ? String(value) : Stages.describe(value))
  }
).annotations({ title: "RATE", description: `messages per second, more than 0, or stages, such as ${EXAMPLE}` })
