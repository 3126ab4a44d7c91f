/** A part of a run as a report of its own: its last seconds. */
import { Histogram } from "./Histogram.ts"
import { emptyReport, type Report } from "./Report.ts"
import type { Second } from "./TimeSeries.ts"

/** The figures that can be had by the second; all others are known of the whole run only. */
export const knows = (figure: string): boolean =>
  /^(?:rtt\..*|(?:sent|received)(?:\.rate)?|completed|failed|failed\.share|peak)$/.test(figure)

/** The report of the last `span` milliseconds of a series, of what `knows` names; all of it where it is shorter. */
export const of = (series: ReadonlyArray<Second>, span: number): Report => {
  const last = series.at(-1)
  if (last === undefined) return emptyReport
  const start = series.findLastIndex(({ second }) => second <= last.second - span / 1000) + 1
  const before = series[start - 1]
  const roundTrip = new Histogram()
  let [sent, received, peak] = [0, 0, 0]
  for (const row of series.slice(start)) {
    roundTrip.add(Histogram.fromData(row.roundTrip))
    sent += row.sent
    received += row.received
    peak = Math.max(peak, row.open)
  }
  const completed = last.completed - (before?.completed ?? 0)
  const failed = last.failed - (before?.failed ?? 0)
  const elapsed = (last.second - (before?.second ?? 0)) * 1000
  const load = { ...emptyReport.load, time: elapsed, sent, received }
  const started = completed + failed
  return { ...emptyReport, elapsed, load, peak, completed, failed, started, sent, received, roundTrip }
}
