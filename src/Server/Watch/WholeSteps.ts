/**
 * Apart from `WatchState`, which has the newest state of each cell: the last steps of a game that came as whole generations,
 * one after the other, with a bit for each cell. A watcher that knows one of them gets the bits of the next ones in place of a
 * value and an age for each cell: it knows the ages itself.
 */
import { type BitsBlock, MAX_BITMAPS } from "../../Protocol/WatchProtocol.ts"

export class WholeSteps {
  /** The newest step, and its bitmap. */
  #step = 0
  #newest: Uint32Array = new Uint32Array(0)
  /** Those of the newest steps. */
  #bitmaps: Array<Uint8Array> = []
  /** The turns at whose ends a step was the newest one. */
  #turns: Array<{ readonly turn: number; readonly step: number }> = []

  /** Adds the step after the last one. */
  add(step: number, bitmap: Uint32Array): void {
    this.#step = step
    this.#newest = bitmap
    this.#bitmaps.push(new Uint8Array(bitmap.buffer))
    if (this.#bitmaps.length > MAX_BITMAPS) this.#bitmaps.shift()
  }

  /** The bitmap of the newest step. */
  get newest(): Uint32Array {
    return this.#newest
  }

  /** All cells are at this step, but how they came there is not known. */
  begin(step: number, bitmap: Uint32Array): void {
    this.#step = step
    this.#newest = bitmap
    this.#bitmaps = []
    this.#turns = []
  }

  /** A turn ends at the newest step. */
  seal(turn: number): void {
    this.#turns.push({ turn, step: this.#step })
    if (this.#turns.length > 4 * MAX_BITMAPS) this.#turns.shift()
  }

  /** What a watcher lacks that knows everything up to the end of `turn`; `undefined` if too much has come since. */
  after(turn: number): Omit<BitsBlock, "_tag"> | undefined {
    const known = this.#turns.findLast((each) => each.turn === turn)
    if (known === undefined) return undefined
    const missing = this.#step - known.step
    if (missing === 0 || missing > this.#bitmaps.length) return undefined
    return { base: known.step, bitmaps: this.#bitmaps.slice(-missing) }
  }
}
