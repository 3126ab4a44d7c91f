import * as Count from "../../Text/Count.ts"
import { format as formatMillis } from "../../Text/Milliseconds.ts"
import type { LoadRun, LoadSnapshot } from "../Load/LoadRun.ts"
import { Histogram } from "../Measure/Histogram.ts"

const WIDTH = 5

/**
 * The lines of the original C10k demo: a count at every `step` connections while the number rises (`> `) and falls (`< `), and
 * a line when all clients are connected. It compares the number with that of the last call.
 */
export class PlainLines {
  #count = 0
  #peak = 0
  readonly #clients: number
  readonly #step: number

  readonly #lasts: boolean

  /**
   * `delay` is in seconds. Like the original demo, it prints a line every `clients * 3 / delay` connections. If the run `lasts`,
   * conversations follow each other, and connections rise and fall all the time: then only the way up has lines.
   */
  constructor(clients: number, delay: number, lasts = false) {
    this.#lasts = lasts
    this.#clients = clients
    this.#step = Math.max(1, Math.floor((clients * 3) / delay))
  }

  next(snapshot: Pick<LoadSnapshot, "open" | "peak">): ReadonlyArray<string> {
    const lines: Array<string> = []
    const top = this.#lasts || snapshot.peak > this.#peak ? Math.max(snapshot.peak, snapshot.open) : snapshot.open
    this.#move(top, lines)
    if (!this.#lasts) this.#move(snapshot.open, lines)
    this.#peak = Math.max(this.#peak, snapshot.peak)
    return lines
  }

  #move(to: number, lines: Array<string>): void {
    const step = this.#step
    const from = this.#count
    for (let count = (Math.floor(from / step) + 1) * step; count <= to; count += step) lines.push(line(">", count))
    if (to >= this.#clients && from < this.#clients) lines.push("", `${this.#clients} clients are connected!`, "")
    for (let count = (Math.ceil(from / step) - 1) * step; count >= to; count -= step) lines.push(line("<", count))
    this.#count = to
  }
}

const line = (sign: string, count: number): string => `${sign} ${String(count).padStart(WIDTH)} connections`

/** The time between two lines of progress, in milliseconds. */
const PERIOD = 10_000

/** A line every ten seconds for outputs without a live view, such as the log of a CI job: rates, p99 and failures of these seconds. */
export class ProgressLines {
  #lines = 0
  #second = 0
  #failed = 0

  next(run: Pick<LoadRun, "unsafeSnapshot" | "unsafeSeconds">): ReadonlyArray<string> {
    const { elapsed, failed, open } = run.unsafeSnapshot()
    const due = Math.floor(elapsed / PERIOD)
    if (due <= this.#lines) return []
    this.#lines = due
    const seconds = run.unsafeSeconds(this.#second)
    const last = seconds.at(-1)
    if (last === undefined) return []
    const time = last.second - this.#second
    const roundTrip = new Histogram()
    for (const second of seconds) roundTrip.add(Histogram.fromData(second.roundTrip))
    const rateOf = (what: "sent" | "received") =>
      `${Count.format(seconds.reduce((sum, second) => sum + second[what], 0) / time, 1)}/s ${what}`
    const p99 = roundTrip.count === 0 ? "no replies" : `p99 ${formatMillis(roundTrip.quantile(0.99))}`
    const failures = `${Count.format(failed - this.#failed)} failed`
    this.#second = last.second
    this.#failed = failed
    const parts = [`${Count.format(open)} connected`, rateOf("sent"), rateOf("received"), p99, failures]
    return [`${last.second} s: ${parts.join(", ")}`]
  }
}
