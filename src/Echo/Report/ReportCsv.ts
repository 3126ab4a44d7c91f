import type { Report } from "../Measure/Report.ts"
import { quantilesOf, timesOf } from "./ReportJson.ts"

const columns = [
  "second",
  "connecting",
  "open",
  "completed",
  "failed",
  "sent",
  "received",
  "rttP50Ms",
  "rttP99Ms",
  "rttMaxMs",
  "loopDelayMs"
] as const

/** The quantiles of a named time in a second; empty fields if it has no samples. */
const named = (second: Report["seconds"][number], name: string): ReadonlyArray<number | ""> => {
  const data = second.times[name]
  if (data === undefined) return ["", "", "", 0]
  const { count, maxMs, p50Ms, p99Ms } = timesOf(data)
  return [p50Ms, p99Ms, maxMs, count]
}

/** The `--csv` file: one row per second, with times in milliseconds. Fields without a measurement are empty. */
export const render = (report: Report): string => {
  const times = Object.keys(report.named.times)
  const counts = Object.keys(report.named.counts)
  const head = [
    ...columns,
    ...times.flatMap((name) => ["p50", "p99", "max", "count"].map((what) => `${name}.${what}`)),
    ...counts
  ]
  const rows = report.seconds.map((second) => {
    const flat = { ...second, ...quantilesOf(second), loopDelayMs: second.loopDelay }
    return [
      ...columns.map((column) => flat[column] ?? ""),
      ...times.flatMap((name) => named(second, name)),
      ...counts.map((name) => second.counts[name] ?? 0)
    ]
  })
  return [head, ...rows].map((row) => `${row.join(",")}\n`).join("")
}
