/**
 * Collects the cells of a pattern that are not dead, as runs, while the pattern is read. The grid is allocated only when the
 * extent is known to be within the limits, so a file of a few bytes cannot make it allocate gigabytes.
 */
import * as Grid from "../Universe/Grid.ts"

/** The most rows or columns of a pattern, the most cells in all, and the most characters of its file. */
export const limits = { side: 65_536, area: 4_194_304, characters: 8_388_608 } as const

export class CellRuns {
  readonly #runs: Array<number> = []
  #top = Number.POSITIVE_INFINITY
  #left = Number.POSITIVE_INFINITY
  #bottom = Number.NEGATIVE_INFINITY
  #right = Number.NEGATIVE_INFINITY

  /** Adds `length` cells of a state, from (row, col) to the right. Returns false, and adds nothing, over the limits. */
  add(row: number, col: number, length: number, state = 1): boolean {
    if (!this.cover(row, col, length)) return false
    this.#runs.push(row, col, length, state)
    return true
  }

  /** Extends the pattern to these cells like `add`, but leaves them dead. */
  cover(row: number, col: number, length: number): boolean {
    const top = Math.min(this.#top, row)
    const left = Math.min(this.#left, col)
    const bottom = Math.max(this.#bottom, row + 1)
    const right = Math.max(this.#right, col + length)
    const width = right - left
    const height = bottom - top
    // Infinite counts give NaN. The comparison is written so that NaN is beyond the limits too.
    if (!(width <= limits.side && height <= limits.side && width * height <= limits.area)) return false
    this.#top = top
    this.#left = left
    this.#bottom = bottom
    this.#right = right
    return true
  }

  /** The smallest grid that contains all cells and all that `cover` has added. */
  toGrid(): Grid.Grid {
    if (this.#bottom < this.#top) return Grid.make(0, 0)
    const grid = Grid.make(this.#right - this.#left, this.#bottom - this.#top)
    for (let i = 0; i < this.#runs.length; i += 4) {
      const start = (this.#runs[i]! - this.#top) * grid.width + this.#runs[i + 1]! - this.#left
      grid.cells.fill(this.#runs[i + 3]!, start, start + this.#runs[i + 2]!)
    }
    return grid
  }
}
