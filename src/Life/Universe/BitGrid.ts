/**
 * A grid with 32 cells in each word. Around the grid is a border one cell wide. The simulator copies the cells that lie beyond
 * the edges into it.
 *
 * The cell at (row, col), both from -1 on, is bit `(col + 1) % 32` of the word at
 * `1 + (row + 1) * stride + floor((col + 1) / 32)`. There is a spare word at both ends, so that the neighbours of the first and
 * of the last word can be read without a check. Bits to the right of the border have no meaning.
 */
import type * as Grid from "./Grid.ts"

export class BitGrid {
  readonly width: number
  readonly height: number
  /** Words per row. */
  readonly stride: number
  readonly words: Int32Array

  constructor(width: number, height: number) {
    this.width = width
    this.height = height
    this.stride = Math.ceil((width + 2) / 32)
    this.words = new Int32Array((height + 2) * this.stride + 2)
  }

  wordOf(row: number, col: number): number {
    return 1 + (row + 1) * this.stride + ((col + 1) >>> 5)
  }

  isAlive(row: number, col: number): boolean {
    return ((this.words[this.wordOf(row, col)]! >>> ((col + 1) & 31)) & 1) === 1
  }

  kill(row: number, col: number): void {
    this.words[this.wordOf(row, col)]! &= ~(1 << ((col + 1) & 31))
  }

  read(grid: Grid.Grid): void {
    this.words.fill(0)
    for (let row = 0, index = 0; row < this.height; row++) {
      for (let col = 0; col < this.width; col++) {
        if (grid.cells[index++] === 1) this.words[this.wordOf(row, col)]! |= 1 << ((col + 1) & 31)
      }
    }
  }

  write(grid: Grid.Grid): void {
    for (let row = 0, index = 0; row < this.height; row++) {
      for (let col = 0; col < this.width; col++) grid.cells[index++] = this.isAlive(row, col) ? 1 : 0
    }
  }

  population(): number {
    let sum = 0
    for (let row = 0; row < this.height; row++) {
      for (let j = 0; j < this.stride; j++) {
        sum += bitCount(this.words[1 + (row + 1) * this.stride + j]! & this.#inside(j))
      }
    }
    return sum
  }

  /** A mask of the bits of the row's `j`th word that are cells of the grid. */
  #inside(j: number): number {
    const first = Math.max(1 - 32 * j, 0)
    const last = Math.min(this.width - 32 * j, 31)
    return last < first ? 0 : (-1 << first) & (-1 >>> (31 - last))
  }
}

const bitCount = (word: number): number => {
  let n = word - ((word >>> 1) & 0x55555555)
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333)
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
