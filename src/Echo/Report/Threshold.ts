import * as Either from "effect/Either"
import * as Count from "../../Text/Count.ts"
import { format as formatMillis } from "../../Text/Milliseconds.ts"
import { parseTimeSpan } from "../../Text/TimeSpan.ts"
import * as Figures from "../Measure/Figures.ts"
import * as Recent from "../Measure/Recent.ts"
import { emptyReport, type Report } from "../Measure/Report.ts"

/** A condition on one figure of a report, such as `rtt.p99<50ms`. */
export interface Threshold {
  readonly text: string
  readonly figure: string
  readonly unit: Figures.Unit
  /** The condition is for the last `window` milliseconds; `undefined`: for the whole run. */
  readonly window: number | undefined
  readonly accepts: (value: number) => boolean
}

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b
}

const examples: Readonly<Record<Figures.Unit, string>> = {
  time: "a time, such as 50ms or 2s",
  count: "a number, such as 10000",
  rate: "a number per second, such as 500",
  share: "a part, such as 1% or 0.01"
}

const parseNumber = (text: string, unit: Figures.Unit): number | undefined => {
  if (unit === "time") return /[a-z]$/.test(text) ? parseTimeSpan(text) : undefined
  const match = /^(\d+(?:\.\d+)?)(%|\/s)?$/.exec(text)
  if (match === null || (match[2] === "%") !== (unit === "share" && text.endsWith("%"))) return undefined
  return match[2] === "%" ? Number(match[1]) / 100 : Number(match[1])
}

/** Reads a comparison and its bound. On the left: why they are invalid. */
const parseBound = (
  compare: string,
  text: string,
  unit: Figures.Unit
): Either.Either<(value: number) => boolean, string> => {
  const texts = compare === "in" ? text.split("..") : [text]
  const bounds = texts.flatMap((each) => parseNumber(each.trim(), unit) ?? [])
  if (bounds.length !== texts.length) return Either.left(`expected ${examples[unit]}, but found ${text}`)
  const [low = 0, high = low] = bounds
  const accepts = comparisons[compare]
  // A figure without samples passes no comparison. Without this check NaN would pass `!=`.
  if (accepts !== undefined) return Either.right((value) => !Number.isNaN(value) && accepts(value, low))
  if (bounds.length !== 2 || low > high)
    return Either.left("`in` needs a range with the lower bound first, such as 10ms..50ms")
  return Either.right((value) => value >= low && value <= high)
}

const SYNTAX = /^\s*([a-z][\w.-]*(?:\([^()]*\))?)(?:\[([^\]]*)\])?\s*(<=|>=|==|!=|<|>|in(?=\s))\s*(\S.*?)\s*$/

/** Finds the existing name that is most similar to a wrong one. */
export type Suggest = (written: string, names: ReadonlyArray<string>) => string | undefined

const unknown = (figure: string, suggest: Suggest, shape: Report): string => {
  const known = [...Figures.of(shape).keys()]
  const timeNames = Figures.times(shape).map(([name]) => name)
  const plainNames = known.filter((name) => !timeNames.some((time) => name.startsWith(`${time}.`)))
  const meant = suggest(figure, known)
  return meant === undefined
    ? `no figure is named ${figure}: expected one of ${plainNames.join(", ")}; or of ${timeNames.join(", ")} one of .min .mean .max .count .rate, a percentile such as .p99.9, .apdex(50ms) or .within(50ms)`
    : `no figure is named ${figure}; did you mean ${meant}?`
}

/**
 * Reads `FIGURE<BOUND` or `FIGURE in LOW..HIGH`; `[10s]` after the figure means the last 10 s. On the left: a message that says
 * what was expected. `shape` is a report without samples that has all figures of the run.
 */
export const parse = (
  text: string,
  suggest: Suggest = () => undefined,
  shape: Report = emptyReport
): Either.Either<Threshold, string> => {
  const [, figure, span, compare = "", bound = ""] = SYNTAX.exec(text) ?? []
  if (figure === undefined) {
    return Either.left(
      "expected a figure, one of < <= > >= == != in, and a bound, such as 'rtt.p99<50ms', 'failed==0' or 'rtt.p50 in 1ms..5ms'"
    )
  }
  const unit = Figures.find(shape, figure)?.unit
  if (unit === undefined) return Either.left(unknown(figure, suggest, shape))
  const window = span === undefined ? undefined : parseTimeSpan(span)
  if (span !== undefined && (window === undefined || window < 1000)) {
    return Either.left(`[${span}]: expected a time of at least 1s, such as ${figure}[10s]`)
  }
  if (window !== undefined && !Recent.knows(figure)) {
    return Either.left(`${figure} is known for the whole run only, not for its last ${span}`)
  }
  return Either.mapBoth(parseBound(compare, bound, unit), {
    onLeft: (message) => `${figure} ${message}`,
    onRight: (accepts) => ({ text: text.trim(), figure, unit, window, accepts })
  })
}

export interface Verdict {
  readonly threshold: Threshold
  /** `NaN` if the run has no samples. Then no threshold passes. */
  readonly value: number
  readonly passed: boolean
  /** The number of runs in which the threshold failed, if there are several runs. */
  readonly failedRuns?: number
}

export const judge = (threshold: Threshold, report: Report): Verdict => {
  const { figure, accepts, window } = threshold
  const judged = window === undefined ? report : Recent.of(report.seconds, window)
  const value = Figures.find(judged, figure)?.value ?? Number.NaN
  return { threshold, value, passed: accepts(value) }
}

export const show = (value: number, unit: Figures.Unit): string => {
  if (Number.isNaN(value)) return "nothing was measured"
  if (unit === "time") return formatMillis(value)
  if (unit === "share") return `${(value * 100).toFixed(2)} %`
  return Count.format(value, 1)
}

export const describe = (verdict: Verdict): string =>
  `${verdict.passed ? "passed" : "failed"}  ${verdict.threshold.text}  (${showValue(verdict)})`

/** The value on which the verdict is based, and in how many of several runs it failed. */
export const showValue = ({ failedRuns, passed, threshold, value }: Verdict): string => {
  const times = failedRuns === undefined ? "" : passed ? ", in every run" : `, failed in ${failedRuns} of the runs`
  return `${show(value, threshold.unit)}${times}`
}
