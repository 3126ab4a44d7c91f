import type { Report } from "../Measure/Report.ts"
import { quantilesOf } from "./ReportJson.ts"

const columns = [
  "second",
  "connecting",
  "open",
  "completed",
  "failed",
  "sent",
  "received",
  "rttP50",
  "rttP99",
  "rttMax",
  "loopDelay"
] as const

/** The `--csv` file: one row per second, with times in milliseconds. Fields without a measurement are empty. */
export const render = (report: Report): string =>
  [
    columns.join(","),
    ...report.seconds.map((second) => {
      const flat = { ...second, ...quantilesOf(second) }
      return columns.map((column) => flat[column] ?? "").join(",")
    })
  ]
    .map((line) => `${line}\n`)
    .join("")
