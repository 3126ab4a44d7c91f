/** The cells that wait for a new connection, and for how long cells have waited. */
import * as Effect from "effect/Effect"
import type { Cell } from "./Cell.ts"

export class LostCells {
  readonly #cells = new Set<Cell>()
  readonly #latch = Effect.unsafeMakeLatch(false)
  #since: number | undefined

  /** Waits until a cell is lost. Does not wait while cells that were lost have not settled. */
  readonly some: Effect.Effect<void> = this.#latch.await

  add(cell: Cell): void {
    this.#cells.add(cell)
    this.#since ??= performance.now()
    this.#latch.unsafeOpen()
  }

  delete(cell: Cell): void {
    this.#cells.delete(cell)
  }

  get isEmpty(): boolean {
    return this.#cells.size === 0
  }

  get all(): ReadonlyArray<Cell> {
    return [...this.#cells]
  }

  /** All cells have a connection again and have subscribed. */
  settle(): void {
    this.#since = undefined
    this.#latch.unsafeClose()
  }

  /** Milliseconds since the first cell was lost after the last `settle`; 0 if none was. */
  get elapsed(): number {
    return this.#since === undefined ? 0 : performance.now() - this.#since
  }
}
