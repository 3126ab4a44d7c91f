/**
 * Cells that are not dead, collected as runs while a pattern is read: nothing is expanded before its extent is known to be within
 * the limits, so a file of a few bytes cannot ask for gigabytes.
 */
import * as Grid from "../Universe/Grid.ts"

/** A pattern is at most this wide and high, has at most this many cells in all, and its file this many characters. */
export const limits = { side: 65_536, area: 4_194_304, characters: 8_388_608 } as const

export class CellRuns {
  readonly #runs: Array<number> = []
  #top = Number.POSITIVE_INFINITY
  #left = Number.POSITIVE_INFINITY
  #bottom = Number.NEGATIVE_INFINITY
  #right = Number.NEGATIVE_INFINITY

  /**
   * Adds `length` cells of a state to the right from (row, col), which may be negative. Returns false, and adds nothing, when
   * the pattern would pass the limits.
   */
  add(row: number, col: number, length: number, state = 1): boolean {
    if (!this.cover(row, col, length)) return false
    this.#runs.push(row, col, length, state)
    return true
  }

  /** Makes the extent hold these cells, as `add` does, without making them live. */
  cover(row: number, col: number, length: number): boolean {
    const top = Math.min(this.#top, row)
    const left = Math.min(this.#left, col)
    const bottom = Math.max(this.#bottom, row + 1)
    const right = Math.max(this.#right, col + length)
    const width = right - left
    const height = bottom - top
    // Written so that NaN, which infinite counts make, is beyond the limits too.
    if (!(width <= limits.side && height <= limits.side && width * height <= limits.area)) return false
    this.#top = top
    this.#left = left
    this.#bottom = bottom
    this.#right = right
    return true
  }

  /** The cells in the smallest grid that holds them all: its top left cell is the topmost row and leftmost column. */
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
