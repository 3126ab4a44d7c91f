/** Kinds of values that only options of `echo` take. */
import * as Option from "effect/Option"
import * as Stages from "../../Echo/Scenario/Stages.ts"
import * as Kind from "../../Text/Kind.ts"

const MAX_RATE = 1e7

const EXAMPLE = "'20/s for 1m', '0->500/s in 30s' or '100 at once', separated by commas"

const parse = (text: string): Stages.Stages | undefined => Option.getOrUndefined(Stages.parse(text))

const write =
  (describe: (stages: Stages.Stages) => string) =>
  (value: number | Stages.Stages): string =>
    typeof value === "number" ? String(value) : describe(value)

export const stages: Kind.Kind<Stages.Stages> = Kind.make(
  "STAGES",
  `stages with at least one rate or number above 0, such as ${EXAMPLE}`,
  parse,
  Stages.describe
)

export const MAX_CLIENTS = 10_000_000

export const clients: Kind.Kind<number | Stages.Stages> = Kind.make(
  "N",
  "a whole number from 1 to 10000000, or stages such as '0->500 in 30s, 500 for 5m, 500->0 in 1m'",
  (text) => {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : Option.getOrUndefined(Stages.parseLevels(text))
    const most = typeof value === "object" ? Stages.most(value) : (value ?? 0)
    return most >= 1 && most <= MAX_CLIENTS ? value : undefined
  },
  write(Stages.describeLevels)
)

/** Messages per second: a constant rate or a schedule. */
export const rate: Kind.Kind<number | Stages.Stages> = Kind.make(
  "RATE",
  `messages per second, more than 0, or stages, such as ${EXAMPLE}`,
  (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text)
    if (Number.isNaN(value)) return parse(text)
    return value > 0 && value <= MAX_RATE ? value : undefined
  },
  write(Stages.describe)
)
