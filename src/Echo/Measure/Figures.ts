import type { Histogram } from "./Histogram.ts"
import type { Report } from "./Report.ts"

/** What a figure counts: milliseconds, things, things a second, or a part of a whole. */
export type Unit = "time" | "count" | "rate" | "share"

export interface Figure {
  readonly value: number
  readonly unit: Unit
}

/** The quantiles that every table, file and threshold uses. */
export const quantiles: ReadonlyArray<readonly [name: string, q: number]> = [
  ["p50", 0.5],
  ["p90", 0.9],
  ["p95", 0.95],
  ["p99", 0.99],
  ["p99.9", 0.999]
]

const timesOf = (name: string, histogram: Histogram): ReadonlyArray<readonly [string, Figure]> => [
  [`${name}.min`, { value: histogram.min, unit: "time" }],
  [`${name}.mean`, { value: histogram.mean, unit: "time" }],
  ...quantiles.map(([quantile, q]) => [`${name}.${quantile}`, { value: histogram.quantile(q), unit: "time" }] as const),
  [`${name}.max`, { value: histogram.max, unit: "time" }],
  [`${name}.count`, { value: histogram.count, unit: "count" }]
]

/** Every time that is measured, by the name that its figures begin with. */
export const times = (report: Report): ReadonlyArray<readonly [name: string, histogram: Histogram]> => [
  ["connect", report.connect],
  ["handshake", report.handshake],
  ["rtt", report.roundTrip],
  ["uncorrected", report.planned === undefined ? report.roundTrip : report.uncorrected],
  ["loop", report.loopDelay]
]

const counts = ["clients", "peak", "started", "completed", "failed", "cut", "sent", "received"] as const

/** Every figure of a report by name: what `--threshold` can name and `--json` writes. `NaN` where nothing was measured. */
export const of = (report: Report): ReadonlyMap<string, Figure> => {
  const seconds = report.elapsed / 1000
  return new Map<string, Figure>([
    ...counts.map((name) => [name, { value: report[name], unit: "count" }] as const),
    ["failed.share", { value: report.failed / report.started, unit: "share" }],
    ["sent.rate", { value: report.sent / seconds, unit: "rate" }],
    ["received.rate", { value: report.received / seconds, unit: "rate" }],
    ["unsent", { value: report.planned === undefined ? Number.NaN : report.planned - report.sent, unit: "count" }],
    ["elapsed", { value: report.elapsed, unit: "time" }],
    ...times(report).flatMap(([name, histogram]) => timesOf(name, histogram))
  ])
}
