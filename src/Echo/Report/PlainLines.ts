import type { Snapshot } from "../Load/LoadRun.ts"

const width = 5

/**
 * The lines of the original C10k demo: a count at every `step` connections while the number rises (`> `) and falls (`< `), and
 * a line when all clients are connected. It compares the number with that of the last call.
 */
export class PlainLines {
  #count = 0
  #peak = 0
  readonly #clients: number
  readonly #step: number

  /** `delay` is in seconds. Like the original demo, it prints a line every `clients * 3 / delay` connections. */
  constructor(clients: number, delay: number) {
    this.#clients = clients
    this.#step = Math.max(1, Math.floor((clients * 3) / delay))
  }

  next(snapshot: Pick<Snapshot, "open" | "peak">): ReadonlyArray<string> {
    const lines: Array<string> = []
    const top = snapshot.peak > this.#peak ? Math.max(snapshot.peak, snapshot.open) : snapshot.open
    this.#move(top, lines)
    this.#move(snapshot.open, lines)
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

const line = (sign: string, count: number): string => `${sign} ${String(count).padStart(width)} connections`
