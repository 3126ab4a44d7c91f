import * as Count from "../../Text/Count.ts"
import { format as formatMillis } from "../../Text/Milliseconds.ts"
import { isConnecting, type LoadSnapshot } from "../Load/LoadRun.ts"
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

/**
 * A chart of characters with the round trips of the last seconds. Each second is a column up to p50 and, lighter, up to p99. Lines of at most `columns` characters, with a logarithmic scale. No lines if
 * there was no reply.
 */
const latencyBars = (seconds: ReadonlyArray<Second>, columns: number): ReadonlyArray<string> => {
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
    const label = at === undefined ? "" : formatMillis(10 ** at)
    return `${label.padStart(LABEL - 2)}  ${shown.map((column) => cell(column, row)).join("")}`.trimEnd()
  })
}

const clock = (milliseconds: number): string => {
  const seconds = Math.floor(milliseconds / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}

const bar = (share: number, width: number): string => {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width)
  return "█".repeat(full) + "░".repeat(width - full)
}

const latencyOf = (histogram: Histogram): string =>
  `p50 ${formatMillis(histogram.quantile(0.5))}   p99 ${formatMillis(histogram.quantile(0.99))}   max ${formatMillis(histogram.max)}`

const latency = (second: Second | undefined): string => {
  const histogram = second === undefined ? new Histogram() : Histogram.fromData(second.roundTrip)
  return histogram.count === 0 ? "no reply in the last second" : latencyOf(histogram)
}

/** What a stopped run waits for. `pauses` is how long a conversation can take besides its replies, in milliseconds. */
export const stopping = (
  { away, connecting, open }: Pick<LoadSnapshot, "away" | "connecting" | "open">,
  pauses: number
) => {
  const count = open + connecting + away
  const long = Number.isFinite(pauses) ? `up to ${formatMillis(pauses)} and their replies` : "until their scripts end"
  return `waiting for ${Count.format(count)} conversation${count === 1 ? "" : "s"}, ${long}; Ctrl-C again ends them`
}

const phaseOf = (snapshot: LoadSnapshot, pauses: number): string => {
  if (snapshot.stopped) return stopping(snapshot, pauses)
  return isConnecting(snapshot) ? "clients are connecting" : "all clients have started"
}

const KINDS = 5

const failures = ({ failures: groups }: LoadSnapshot): ReadonlyArray<string> => {
  const more = groups.length - KINDS
  return [
    ...groups
      .slice(0, KINDS)
      .map(
        ({ cause, count, kind }) => `${Count.format(count).padStart(10)}  ${cause}: ${kind.replaceAll(/\s+/g, " ")}`
      ),
    ...(more > 0 ? [`${" ".repeat(12)}and ${more} more kinds`] : [])
  ]
}

const titled = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", title, ...lines]

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** The live view of a run, as lines that fit into a terminal of this size. `seconds` are the complete seconds of the run; `pauses` as for `stopping`. */
export const render = (
  snapshot: LoadSnapshot,
  seconds: ReadonlyArray<Second>,
  { columns, rows }: Size,
  pauses: number
): ReadonlyArray<string> => {
  const second = seconds.at(-1)
  const share = Math.min(1, snapshot.started / snapshot.clients)
  const percent = ` ${Math.floor(share * 100)} %`
  const figures = [
    `${clock(snapshot.elapsed)}  ${phaseOf(snapshot, pauses)}`,
    `ramp        ${bar(share, Math.max(10, Math.min(60, columns - 12 - percent.length)))}${percent}`,
    `clients     ${Count.format(snapshot.open)} connected   ${Count.format(snapshot.connecting)} connecting   ${Count.format(snapshot.completed)} done   ${Count.format(snapshot.failed)} failed`,
    `messages    ${Count.format(second?.sent ?? 0)}/s sent   ${Count.format(second?.received ?? 0)}/s received`,
    `round trip  ${latency(second)}`
  ]
  const named = Object.entries(second?.times ?? {}).map(
    ([name, data]) => `${name.padEnd(11)} ${latencyOf(Histogram.fromData(data))}`
  )
  const chart = titled("round trip, second by second: \u2588 p50, \u2591 p99", latencyBars(seconds, columns))
  const wrong = titled("failures", failures(snapshot))
  // A small terminal shows the most important lines: the figures, then the failures.
  const lines: Array<string> = []
  for (const part of [figures, wrong, titled("in the last second", named), chart])
    if (lines.length + part.length < rows) lines.push(...part)
  if (lines.length === 0) lines.push(...figures)
  return lines.slice(0, Math.max(1, rows - 1)).map((line) => line.slice(0, Math.max(1, columns)))
}

const UP = (lines: number): string => `\u001b[${lines}A`
const CLEAR_LINE = "\u001b[2K"
const CLEAR_BELOW = "\u001b[J"

/** Makes the text to write to the terminal for each new state. It overwrites the state before. */
export class Screen {
  #height = 0

  draw(lines: ReadonlyArray<string>): string {
    const text = lines.map((line) => `${CLEAR_LINE}${line}\n`).join("")
    const over = this.erase() + text
    this.#height = lines.length
    return over
  }

  erase(): string {
    const text = this.#height === 0 ? "" : `${UP(this.#height)}\r${CLEAR_BELOW}`
    this.#height = 0
    return text
  }
}
