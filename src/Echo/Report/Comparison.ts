/** Compares two `--json` files figure by figure, and finds the differences that are more than chance. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Figures from "../Measure/Figures.ts"
import * as RankSum from "../Measure/RankSum.ts"
import * as Spread from "../Measure/Spread.ts"
import { ReportFile } from "./ReportJson.ts"

/** The parts of a file that a comparison reads. They are the same in format 2 and 3. */
const { fields } = ReportFile.pick(
  "tool",
  "machine",
  "options",
  "scenario",
  "urls",
  "rate",
  "durationMs",
  "interrupted",
  "runs"
)
const Compared = Schema.Struct({ ...fields, format: Schema.Literal(2, 3) })
export type Compared = typeof Compared.Type

const decode = Schema.decodeUnknownEither(Compared)

/** Reads a file. The error says why it is not a report. */
export const parse = (text: string): Either.Either<Compared, string> => {
  const expected = "expected a file of `echo --json`"
  return Either.try({ try: (): unknown => JSON.parse(text), catch: () => `${expected}, but this is not JSON` }).pipe(
    Either.flatMap((value) =>
      Either.mapLeft(decode(value), () => {
        const format = typeof value === "object" && value !== null && "format" in value ? value.format : undefined
        return format === undefined || format === 2 || format === 3
          ? expected
          : `${expected} in format 2 or 3, but this is format ${JSON.stringify(format)}: run echo again with this version`
      })
    ),
    Either.filterOrLeft(
      ({ runs }) => runs.length > 0,
      () => `${expected}, but this has no runs`
    )
  )
}

/** Whether less or more of a figure is better; `undefined` if neither is. */
type Better = "less" | "more" | undefined

const betterOf = (name: string): Better => {
  // These are about the tool: they show how far the other figures can be trusted.
  if (/^(?:tool|loop)\./.test(name)) return undefined
  if (/\.(?:mean|max|p\d[\d.]*)$/.test(name) || isFailing(name) || /^(?:unsent|cut)$/.test(name)) return "less"
  return /^(?:completed|(?:sent|received)\.rate)$/.test(name) ? "more" : undefined
}

const isFailing = (name: string): boolean => /(?:^|\.)failed(?:\.|$)|^unanswered$/.test(name)

/**
 * `same`: the difference is within the tolerance or may be chance. `unclear`: it is beyond the tolerance, and there are too few
 * runs to exclude chance. `changed`: it is more than chance, but more is neither better nor worse for this figure.
 */
export type Judgement = "same" | "better" | "worse" | "changed" | "unclear"

export interface Row {
  readonly name: string
  readonly unit: Figures.Unit
  readonly before: Spread.Spread
  readonly after: Spread.Spread
  /** The change of the median as a part of the first one (0.1: 10 % more); `undefined` if the first one is 0. */
  readonly change: number | undefined
  /** The probability that chance alone causes this difference; `undefined` if there are too few runs. */
  readonly probability: number | undefined
  readonly judgement: Judgement
}

export interface Comparison {
  readonly rows: ReadonlyArray<Row>
  readonly runs: readonly [before: number, after: number]
  /** Whether there are enough runs to distinguish a change from chance. */
  readonly isJudged: boolean
  /** Other differences between the two runs, which may explain different figures. */
  readonly differences: ReadonlyArray<string>
}

/** A difference with a lower probability counts as more than chance. With some twenty figures, a higher limit would make CI fail by chance too often. */
const CHANCE = 0.01

export interface ComparisonOptions {
  /** The part by which a figure may change and still count as the same (0.05: 5 %). */
  readonly tolerance: number
  /** Compare every figure that both files have, not only the most important ones. */
  readonly all: boolean
}

const informative =
  /^rtt\.(?:p50|p90|p99|p99\.9|max)$|\.(?:p50|p99)$|^(?:sent|received)\.rate$|failed$|^(?:unsent|unanswered|tool\.cpu)$/

const valuesOf = ({ runs }: Compared, name: string): ReadonlyArray<number> =>
  runs.flatMap(({ figures }) => figures[name] ?? [])

const turn = (name: string, rose: boolean): Judgement => {
  const better = betterOf(name)
  if (better === undefined) return "changed"
  return (better === "more") === rose ? "better" : "worse"
}

const judge = (
  name: string,
  [before, after]: readonly [ReadonlyArray<number>, ReadonlyArray<number>],
  tolerance: number
): Omit<Row, "name" | "unit"> => {
  const [a, b] = [Spread.of(before), Spread.of(after)]
  const difference = b.median - a.median
  const row = { before: a, after: b, change: a.median === 0 ? undefined : difference / Math.abs(a.median) }
  const probability =
    RankSum.least(before.length, after.length) > CHANCE ? undefined : RankSum.probability(before, after)
  const judgement = (): Judgement => {
    // If nothing failed before, a failure now is worse without any statistics.
    if (isFailing(name) && a.max === 0 && b.max > 0) return "worse"
    if (difference === 0 || Math.abs(row.change ?? Infinity) <= tolerance) return "same"
    if (probability === undefined) return "unclear"
    return probability > CHANCE ? "same" : turn(name, difference > 0)
  }
  return { ...row, probability, judgement: judgement() }
}

const describe = (file: Compared): Readonly<Record<string, unknown>> => ({
  scenario: file.scenario,
  urls: file.urls,
  rate: file.rate,
  duration: file.durationMs,
  clients: file.options["clients"],
  processes: file.options["processes"],
  ramp: file.options["ramp"],
  Node: file.machine.node,
  processors: file.machine.processors,
  version: file.tool.version
})

const differencesOf = (before: Compared, after: Compared): ReadonlyArray<string> => {
  const [a, b] = [describe(before), describe(after)]
  const show = (value: unknown) => (value === undefined || value === null ? "none" : JSON.stringify(value))
  return [
    ...Object.keys(a).flatMap((name) =>
      show(a[name]) === show(b[name]) ? [] : [`${name}: ${show(a[name])}, then ${show(b[name])}`]
    ),
    ...(before.interrupted || after.interrupted
      ? [`the ${before.interrupted ? "first" : "second"} was interrupted`]
      : [])
  ]
}

export const make = (before: Compared, after: Compared, { all, tolerance }: ComparisonOptions): Comparison => {
  const names = Object.keys(before.runs[0]?.figures ?? {}).filter((name) => all || informative.test(name))
  const rows = names.flatMap((name): ReadonlyArray<Row> => {
    const values = [valuesOf(before, name), valuesOf(after, name)] as const
    if (values.some((each) => each.length === 0)) return []
    return [{ name, unit: Figures.unitOf(name), ...judge(name, values, tolerance) }]
  })
  const runs = [before.runs.length, after.runs.length] as const
  return { rows, runs, isJudged: RankSum.least(...runs) <= CHANCE, differences: differencesOf(before, after) }
}

export const isWorse = ({ rows }: Comparison): boolean => rows.some(({ judgement }) => judgement === "worse")
