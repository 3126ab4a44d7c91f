/** Turns a second of a run into what the charts show. */
import { Histogram } from "../Measure/Histogram.ts"
import type { Second } from "../Measure/TimeSeries.ts"
import { type HeatCells, rowOf } from "./HeatMap.ts"
import type { Moment } from "./OverTime.ts"
import { quantilesOf } from "./ReportJson.ts"

const cellsOf = (histogram: Histogram): HeatCells => {
  const counts = new Map<number, number>()
  histogram.forEach((milliseconds, samples) => {
    const row = rowOf(milliseconds)
    counts.set(row, (counts.get(row) ?? 0) + samples)
  })
  return [...counts]
}

export const of = (second: Second): Moment => {
  const { connecting, failed, open, received, roundTrip, sent } = second
  const cells = cellsOf(Histogram.fromData(roundTrip))
  return { second: second.second, connecting, open, failed, sent, received, cells, ...quantilesOf(second) }
}
