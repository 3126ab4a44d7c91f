import * as Count from "../../Text/Count.ts"
import { format as formatMillis } from "../../Text/Milliseconds.ts"
import * as Chart from "./Chart.ts"

/** The most cells along the time axis, and the cells for each power of ten of the latency. */
const COLUMNS = 120
const ROWS = 10

/** The number of round trips of a second for each latency. `row` is ten times the common logarithm of the milliseconds, rounded down. */
export type HeatCells = ReadonlyArray<readonly [row: number, count: number]>

/** The row of a latency. The resolution of latencies is a microsecond. */
export const rowOf = (milliseconds: number): number =>
  Math.floor(Math.log10(Math.max(milliseconds, 0.001)) * ROWS + 1e-9)

export interface HeatSecond {
  readonly second: number
  readonly cells: HeatCells
}

interface Cell {
  readonly column: number
  readonly row: number
  readonly count: number
}

/** The number of round trips for each latency in each span of `width` seconds. */
const cellsOf = (seconds: ReadonlyArray<HeatSecond>, width: number): ReadonlyArray<Cell> => {
  const counts = new Map<string, Cell>()
  for (const { cells, second } of seconds) {
    const column = Math.floor((second - 1) / width)
    for (const [row, samples] of cells) {
      const key = `${column} ${row}`
      counts.set(key, { column, row, count: (counts.get(key)?.count ?? 0) + samples })
    }
  }
  return [...counts.values()]
}

const bound = (row: number): number => 10 ** (row / ROWS)

/**
 * All round trips of a run over time, as inline SVG. Each cell is a span of time and of latency; the more round trips, the
 * stronger its colour. It shows what percentiles hide: two groups of replies, a stall of a few clients, a slow drift.
 */
export const render = (title: string, seconds: ReadonlyArray<HeatSecond>, width: number): string => {
  const last = seconds.at(-1)?.second ?? 0
  const span = Math.max(1, Math.ceil(last / COLUMNS))
  const cells = cellsOf(seconds, span)
  if (cells.length === 0) return ""
  const most = Math.max(...cells.map(({ count }) => count))
  const rows = cells.map(({ row }) => row)
  const ticks = Chart.logTicks(bound(Math.min(...rows)), bound(Math.max(...rows) + 1))
  const [bottom, top] = [Math.log10(ticks[0]!), Math.log10(ticks.at(-1)!)]
  const cellWidth = (width - Chart.LEFT - Chart.RIGHT) / Math.ceil(last / span)
  const cellHeight = Chart.INSIDE / ((top - bottom) * ROWS)
  const shareOf = (power: number): number => (power - bottom) / (top - bottom)
  const xOf = (column: number): number => Chart.LEFT + column * cellWidth
  const grid = ticks.map((tick) => Chart.gridLine(shareOf(Math.log10(tick)), formatMillis(tick), width))
  const below = Chart.linearTicks(last, Chart.ticksAlong(width))
    .filter((second) => second <= last)
    .map((second) => Chart.labelBelow(xOf(second / span), `${second} s`))
  const rects = cells.map(({ column, count, row }) => {
    const shade = (0.12 + 0.88 * (most === 1 ? 1 : Math.log(count) / Math.log(most))).toFixed(2)
    const what = `${column * span}-${(column + 1) * span} s, ${formatMillis(bound(row))}-${formatMillis(bound(row + 1))}: ${Count.format(count)}`
    return `<rect x="${xOf(column).toFixed(1)}" y="${Chart.placeOf(shareOf((row + 1) / ROWS)).toFixed(1)}" width="${cellWidth.toFixed(1)}" height="${cellHeight.toFixed(1)}" fill-opacity="${shade}" data-tip="${what}"/>`
  })
  const legend = `<span>stronger: more of them, up to ${Count.format(most)} a cell</span>`
  return Chart.figure(title, legend, [...rects, ...grid, ...below].join(""), width, "heat")
}
