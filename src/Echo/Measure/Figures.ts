import { parseTimeSpan } from "../../Text/TimeSpan.ts"
import { agreedOf } from "./Compression.ts"
import { Cause } from "./Failure.ts"
import type { Histogram } from "./Histogram.ts"
import { emptyReport, type Report, toolBusy, toolCpu } from "./Report.ts"

/** The unit of a figure: milliseconds (`time`), a number, a number per second (`rate`), or a part from 0 to 1 (`share`). */
export type Unit = "time" | "count" | "rate" | "share"

export interface Figure {
  readonly value: number
  readonly unit: Unit
}

/** The quantiles in all tables and files. */
export const quantiles: ReadonlyArray<readonly [name: string, q: number]> = [
  ["p50", 0.5],
  ["p90", 0.9],
  ["p95", 0.95],
  ["p99", 0.99],
  ["p99.9", 0.999]
]

type NamedFigure = readonly [name: string, Figure]

const figure =
  (unit: Unit) =>
  (name: string, value: number): NamedFigure => [name, { value, unit }]

const time = figure("time")
const count = figure("count")
const rate = figure("rate")
const share = figure("share")

const timesOf = (name: string, histogram: Histogram): ReadonlyArray<NamedFigure> => [
  time(`${name}.min`, histogram.min),
  time(`${name}.mean`, histogram.mean),
  ...quantiles.map(([quantile, q]) => time(`${name}.${quantile}`, histogram.quantile(q))),
  time(`${name}.max`, histogram.max),
  count(`${name}.count`, histogram.count)
]

/** The samples of a time a second, in the part of the run from which rates are computed. */
const rateOf = ({ load }: Report, name: string, { count }: Histogram): number =>
  (load.samples[name] ?? count) / (load.time / 1000)

/** Every measured time, with the prefix of its figures. */
export const times = (report: Report): ReadonlyArray<readonly [name: string, histogram: Histogram]> => [
  ["connect", report.connect],
  ["handshake", report.handshake],
  ["rtt", report.roundTrip],
  ["uncorrected", report.planned === undefined ? report.roundTrip : report.uncorrected],
  ["loop", report.loopDelay],
  ...Object.entries(report.named.times)
]

export interface ShownTime {
  /** The prefix of its figures. */
  readonly name: string
  readonly title: string
  readonly histogram: Histogram
}

const titles: Readonly<Record<string, string>> = {
  uncorrected: "round trip uncorrected",
  loop: "event loop of the tool"
}

/** The measured times that have samples, in the order of all tables: the tool's own comes last. */
export const shownTimes = (report: Report): ReadonlyArray<ShownTime> => {
  const isPlanned = report.planned !== undefined
  const titleOf = (name: string) =>
    name === "rtt" ? (isPlanned ? "round trip from plan" : "round trip") : (titles[name] ?? name)
  return times(report)
    .filter(([name, histogram]) => histogram.count > 0 && (name !== "uncorrected" || isPlanned))
    .map(([name, histogram]) => ({ name, title: titleOf(name), histogram }))
    .toSorted((a, b) => Number(a.name === "loop") - Number(b.name === "loop"))
}

/** The end of the names that count the messages without a reply by step. */
const UNANSWERED = ".unanswered"

/** The counts that only some runs have and that are not 0, for people: of events, and of messages without a reply by step. */
export const shownCounts = ({ named }: Pick<Report, "named">) => {
  const counted = Object.entries(named.counts).filter(([, count]) => count > 0)
  return {
    events: counted.filter(([name]) => !name.endsWith(UNANSWERED)),
    unanswered: counted.flatMap(
      ([name, count]): ReadonlyArray<readonly [string, number]> =>
        name.endsWith(UNANSWERED) ? [[name.slice(0, -UNANSWERED.length), count]] : []
    )
  }
}

const counts = ["clients", "peak", "started", "completed", "failed", "cut", "sent", "received", "unanswered"] as const

/** The number of failed conversations for each cause: `failed.wrong-reply` and so on. */
const causes = ({ failures }: Report): ReadonlyArray<NamedFigure> =>
  Cause.literals.map((cause) =>
    count(
      `failed.${cause.replaceAll(" ", "-")}`,
      failures.reduce((sum, group) => sum + (group.cause === cause ? group.count : 0), 0)
    )
  )

/** Bytes on the wire. If compression was offered, also the bytes of the messages and the answers to the offer. */
const bytes = ({ compression, wire }: Report): ReadonlyArray<NamedFigure> => [
  count("wire.sent", wire.sent),
  count("wire.received", wire.received),
  ...(compression === undefined
    ? []
    : [
        count("payload.sent", compression.payload.sent),
        count("payload.received", compression.payload.received),
        count("compression.agreed", agreedOf(compression)),
        count("compression.declined", compression.declined)
      ])
]

/** The share of the true ones, of counts `NAME.true` and `NAME.false`. */
const shares = ({ counts }: Report["named"]): ReadonlyArray<NamedFigure> =>
  Object.entries(counts).flatMap(([name, yes]) => {
    const no = name.endsWith(".true") ? counts[name.replace(/true$/, "false")] : undefined
    return no === undefined ? [] : [share(name.replace(/true$/, "share"), yes / (yes + no))]
  })

/** The figures that `--json` writes, by name. A figure without samples is `NaN`. */
export const of = (report: Report): ReadonlyMap<string, Figure> => {
  const seconds = report.load.time / 1000
  return new Map([
    ...counts.map((name) => count(name, report[name])),
    ...Object.entries(report.named.counts).map(([name, value]) => count(name, value)),
    ...shares(report.named),
    ...bytes(report),
    share("unanswered.share", report.unanswered / report.sent),
    share("failed.share", report.failed / report.started),
    rate("sent.rate", report.load.sent / seconds),
    rate("received.rate", report.load.received / seconds),
    count("unsent", report.planned === undefined ? Number.NaN : report.planned - report.paced),
    share("tool.cpu", toolCpu(report)),
    share("tool.busy", toolBusy(report)),
    time("elapsed", report.elapsed),
    ...causes(report),
    ...times(report).flatMap(([name, histogram]) => timesOf(name, histogram)),
    ...[["rtt", report.roundTrip] as const, ...Object.entries(report.named.times)].map(([name, histogram]) =>
      rate(`${name}.rate`, rateOf(report, name, histogram))
    )
  ])
}

/** The unit of a figure by its name, also of one that only some runs have. */
export const unitOf = (name: string): Unit => {
  const known = find(emptyReport, name)?.unit
  if (known !== undefined) return known
  if (/\.(?:min|mean|max|p\d+(?:\.\d+)?)$/.test(name)) return "time"
  if (name.endsWith(".rate")) return "rate"
  return name.endsWith(".share") ? "share" : "count"
}

/** Apdex (https://en.wikipedia.org/wiki/Apdex): a sample within the target counts 1, within four times the target 0.5, else 0. */
const apdex = (histogram: Histogram, target: number): number =>
  (histogram.shareWithin(target) + histogram.shareWithin(4 * target)) / 2

/** Further figures of a time, which thresholds can use: any percentile, `rate`, `apdex(TIME)` and `within(TIME)`. */
const asked = (report: Report, name: string, histogram: Histogram, what: string): Figure | undefined => {
  const [, percentile] = /^p(\d{1,2}(?:\.\d+)?)$/.exec(what) ?? []
  if (percentile !== undefined) return { value: histogram.quantile(Number(percentile) / 100), unit: "time" }
  if (what === "rate") return { value: rateOf(report, name, histogram), unit: "rate" }
  const [, word, text = ""] = /^(apdex|within)\((\d[^)]*[a-z])\)$/.exec(what) ?? []
  const target = parseTimeSpan(text)
  if (word === undefined || target === undefined || target === 0) return undefined
  return { value: word === "apdex" ? apdex(histogram, target) : histogram.shareWithin(target), unit: "share" }
}

/** The figure with this name: one of `of`, or a further one such as `rtt.p99.99` or `rtt.within(50ms)`. */
export const find = (report: Report, name: string): Figure | undefined => {
  const known = of(report).get(name)
  if (known !== undefined) return known
  // Names of times may contain dots, so the longest name that fits is taken.
  const [time, histogram] = times(report)
    .filter(([time]) => name.startsWith(`${time}.`))
    .reduce<readonly [string, Histogram?]>((a, b) => (b[0].length > a[0].length ? b : a), [""])
  return histogram === undefined ? undefined : asked(report, time, histogram, name.slice(time.length + 1))
}
