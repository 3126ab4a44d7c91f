/** A chart of characters with the round trips of the last seconds. Each second is a column up to p50 and, lighter, up to p99. */
import * as Milliseconds from "../../Text/Milliseconds.ts"
import { Histogram } from "../Measure/Histogram.ts"
import type { Second } from "../Measure/TimeSeries.ts"

const ROWS = 6
const LABEL = 12
/** The fewest powers of ten that the chart shows. */
const LEAST = 2

interface Column {
  readonly p50: number
  readonly p99: number
}

const columnOf = (second: Second): Column | undefined => {
  const histogram = Histogram.fromData(second.roundTrip)
  return histogram.count === 0 ? undefined : { p50: histogram.quantile(0.5), p99: histogram.quantile(0.99) }
}

/** Lines of at most `columns` characters, with a logarithmic scale. No lines if there was no reply. */
export const render = (seconds: ReadonlyArray<Second>, columns: number): ReadonlyArray<string> => {
  const shown = seconds.slice(-Math.max(0, columns - LABEL - 1)).map(columnOf)
  const known = shown.filter((column) => column !== undefined)
  if (known.length === 0) return []
  const power = (milliseconds: number): number => Math.log10(Math.max(0.001, milliseconds))
  const top = Math.ceil(power(Math.max(...known.map(({ p99 }) => p99))))
  const bottom = Math.min(top - LEAST, Math.floor(power(Math.min(...known.map(({ p50 }) => p50)))))
  /** The height of a time in rows; at least one, so that it is visible. */
  const height = (milliseconds: number): number =>
    Math.max(1, Math.round(((power(milliseconds) - bottom) / (top - bottom)) * ROWS))
  const cell = (column: Column | undefined, row: number): string => {
    if (column === undefined || row > height(column.p99)) return " "
    return row > height(column.p50) ? "\u2591" : "\u2588"
  }
  return Array.from({ length: ROWS }, (_, index) => {
    const row = ROWS - index
    const at = row === ROWS ? top : row === 1 ? bottom : undefined
    const label = at === undefined ? "" : Milliseconds.format(10 ** at)
    return `${label.padStart(LABEL - 2)}  ${shown.map((column) => cell(column, row)).join("")}`.trimEnd()
  })
}
