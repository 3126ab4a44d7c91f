/**
 * Cell numbers in rising order, written as the gaps between them: how many numbers lie between a cell and the one
 * before it, in LEB128 (seven bits in a byte, the lowest first; the highest bit means that more follow). A gap below
 * 128 takes one byte.
 */

const bytesFor = (gap: number): number =>
  gap < 2 ** 7 ? 1 : gap < 2 ** 14 ? 2 : gap < 2 ** 21 ? 3 : gap < 2 ** 28 ? 4 : 5

/** How many bytes the first `count` numbers take. They must rise. */
export const gapBytes = (numbers: Uint32Array, count: number): number => {
  let bytes = 0
  let before = -1
  for (let k = 0; k < count; k++) {
    const number = numbers[k]!
    bytes += bytesFor(number - before - 1)
    before = number
  }
  return bytes
}

/** Writes the first `count` numbers, which must rise, at the beginning of `bytes`. */
export const writeGaps = (numbers: Uint32Array, count: number, bytes: Uint8Array): void => {
  let at = 0
  let before = -1
  for (let k = 0; k < count; k++) {
    const number = numbers[k]!
    let gap = number - before - 1
    before = number
    for (; gap >= 128; gap = Math.floor(gap / 128)) bytes[at++] = 128 | (gap % 128)
    bytes[at++] = gap
  }
}

/** Reads `count` numbers that fill `bytes`. Returns `undefined` if they do not fill it exactly, or exceed 2^32 - 1. */
export const readGaps = (bytes: Uint8Array, count: number): Uint32Array | undefined => {
  const numbers = new Uint32Array(count)
  let at = 0
  let number = -1
  for (let k = 0; k < count; k++) {
    let gap = 0
    let unit = 1
    for (;;) {
      if (at === bytes.length || unit > 2 ** 28) return undefined
      const byte = bytes[at++]!
      gap += (byte & 127) * unit
      unit *= 128
      if (byte < 128) break
    }
    number += gap + 1
    if (number >= 2 ** 32) return undefined
    numbers[k] = number
  }
  return at === bytes.length ? numbers : undefined
}

/** Sorts distinct numbers faster than by comparisons: it marks them in a bitmap. */
export class RisingOrder {
  /** All zero between calls. */
  #marks = new Uint32Array(0)

  /** Sorts the first `count` of `numbers` in place. They must be distinct and below `limit`. */
  apply(numbers: Uint32Array, count: number, limit: number): void {
    const words = Math.ceil(limit / 32)
    if (this.#marks.length < words) this.#marks = new Uint32Array(words)
    const marks = this.#marks
    for (let k = 0; k < count; k++) marks[numbers[k]! >>> 5]! |= 1 << (numbers[k]! & 31)
    for (let word = 0, k = 0; k < count; word++) {
      let left = marks[word]!
      marks[word] = 0
      while (left !== 0) {
        const lowest = left & -left
        numbers[k++] = word * 32 + 31 - Math.clz32(lowest)
        left ^= lowest
      }
    }
  }
}
