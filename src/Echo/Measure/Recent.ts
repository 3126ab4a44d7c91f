/** A report of the last seconds of a run. */

import { Histogram } from "./Histogram.ts"
import * as Named from "./Named.ts"
import { emptyReport, type Report } from "./Report.ts"
import type { Second } from "./TimeSeries.ts"

/** Whether a figure is known for each second. All others are known for the whole run only. */
export const knows = (figure: string): boolean =>
  /^(?:rtt\..*|(?:sent|received)(?:\.rate)?|completed|failed|failed\.share|peak)$/.test(figure) ||
  /^(?:step|scenario|http|delivery|ping|tls|recovery|reconnects|dropped|unpaired)(?:\.|$)/.test(figure)

/** The report of the last `span` milliseconds of a series, or of the whole series if it is shorter. It has the figures that `knows` accepts. */
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
  const named = Named.merge(emptyReport.named, Named.ofSeconds(series.slice(start)))
  return { ...emptyReport, elapsed, load, peak, completed, failed, started, sent, received, roundTrip, named }
}
