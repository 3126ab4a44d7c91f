import * as Count from "../../Text/Count.ts"
import { format as formatMillis } from "../../Text/Milliseconds.ts"
import type { Snapshot } from "../Load/LoadRun.ts"
import { Histogram } from "../Measure/Histogram.ts"
import type { Second } from "../Measure/TimeSeries.ts"

const clock = (milliseconds: number): string => {
  const seconds = Math.floor(milliseconds / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}

const bar = (share: number, width: number): string => {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width)
  return "█".repeat(full) + "░".repeat(width - full)
}

const latency = (second: Second | undefined): string => {
  const histogram = second === undefined ? new Histogram() : Histogram.fromData(second.roundTrip)
  if (histogram.count === 0) return "no reply in the last second"
  return `p50 ${formatMillis(histogram.quantile(0.5))}   p99 ${formatMillis(histogram.quantile(0.99))}   max ${formatMillis(histogram.max)}`
}

const phaseOf = (snapshot: Snapshot): string => {
  if (snapshot.stopped) return "no more connections are opened; Ctrl-C again ends those at hand"
  return snapshot.waiting > 0 ? "clients are connecting" : "all clients have started"
}

/** The live view of a run and its last whole second, as lines of at most `columns` characters. */
export const render = (snapshot: Snapshot, second: Second | undefined, columns: number): ReadonlyArray<string> => {
  const share = Math.min(1, snapshot.started / snapshot.clients)
  const percent = ` ${Math.floor(share * 100)} %`
  return [
    `${clock(snapshot.elapsed)}  ${phaseOf(snapshot)}`,
    `ramp        ${bar(share, Math.max(10, Math.min(60, columns - 12 - percent.length)))}${percent}`,
    `clients     ${Count.format(snapshot.open)} connected   ${Count.format(snapshot.connecting)} connecting   ${Count.format(snapshot.completed)} done   ${Count.format(snapshot.failed)} failed`,
    `messages    ${Count.format(second?.sent ?? 0)}/s sent   ${Count.format(second?.received ?? 0)}/s received`,
    `round trip  ${latency(second)}`
  ].map((line) => line.slice(0, Math.max(1, columns)))
}

const UP = (lines: number): string => `\u001b[${lines}A`
const CLEAR_LINE = "\u001b[2K"
const CLEAR_BELOW = "\u001b[J"

/** Draws over what it drew before: the text to write to the terminal for each new state. */
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
