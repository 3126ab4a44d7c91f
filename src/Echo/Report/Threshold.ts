import * as Either from "effect/Either"
import * as Figures from "../Measure/Figures.ts"
import { emptyReport, type Report } from "../Measure/Report.ts"
import { formatMillis, parseTimeSpan } from "../Scenario/TimeSpan.ts"

/** A bar for one figure of a report, such as `rtt.p99<50ms`. */
export interface Threshold {
  readonly text: string
  readonly figure: string
  readonly compare: keyof typeof comparisons
  readonly bound: number
}

const comparisons = {
  "<": (a: number, b: number) => a < b,
  "<=": (a: number, b: number) => a <= b,
  ">": (a: number, b: number) => a > b,
  ">=": (a: number, b: number) => a >= b,
  "==": (a: number, b: number) => a === b
}

const isComparison = (text: string): text is Threshold["compare"] => Object.hasOwn(comparisons, text)

const known = Figures.of(emptyReport)

const examples: Readonly<Record<Figures.Unit, string>> = {
  time: "a time, such as 50ms or 2s",
  count: "a number, such as 10000",
  rate: "a number a second, such as 500",
  share: "a part of all, such as 1% or 0.01"
}

const parseBound = (text: string, unit: Figures.Unit): number | undefined => {
  if (unit === "time") return /[a-z]$/.test(text) ? parseTimeSpan(text) : undefined
  const match = /^(\d+(?:\.\d+)?)(%|\/s)?$/.exec(text)
  if (match === null || (match[2] === "%") !== (unit === "share" && text.endsWith("%"))) return undefined
  return match[2] === "%" ? Number(match[1]) / 100 : Number(match[1])
}

/** Reads `FIGURE<BOUND` with `<`, `<=`, `>`, `>=` or `==`; the error says what was expected. */
export const parse = (text: string): Either.Either<Threshold, string> => {
  const match = /^\s*([a-z][a-z0-9.]*)\s*(<=|>=|==|<|>)\s*(\S+)\s*$/.exec(text)
  const [, figure = "", compare = "", bound = ""] = match ?? []
  if (!isComparison(compare)) {
    return Either.left("expected a figure, one of < <= > >= ==, and a bound, such as 'rtt.p99<50ms' or 'failed==0'")
  }
  const unit = known.get(figure)?.unit
  if (unit === undefined)
    return Either.left(`no figure is named ${figure}: expected one of ${[...known.keys()].join(", ")}`)
  const value = parseBound(bound, unit)
  return value === undefined
    ? Either.left(`${figure} is compared with ${examples[unit]}, not with ${bound}`)
    : Either.right({ text: text.trim(), figure, compare, bound: value })
}

export interface Verdict {
  readonly threshold: Threshold
  /** `NaN` where the run measured nothing of the kind, which no threshold lets pass. */
  readonly value: number
  readonly passed: boolean
}

export const judge = (threshold: Threshold, report: Report): Verdict => {
  const value = Figures.of(report).get(threshold.figure)?.value ?? Number.NaN
  return { threshold, value, passed: comparisons[threshold.compare](value, threshold.bound) }
}

export const describe = ({ passed, threshold, value }: Verdict): string => {
  const unit = known.get(threshold.figure)?.unit
  const shown = Number.isNaN(value)
    ? "nothing was measured"
    : unit === "time"
      ? formatMillis(value)
      : unit === "share"
        ? `${(value * 100).toFixed(2)} %`
        : value.toLocaleString("en-US", { maximumFractionDigits: 1 })
  return `${passed ? "passed" : "failed"}  ${threshold.text}  (${shown})`
}
