/**
 * Numbers of cells in rising order, written as the gaps between them: what lies between a cell and the one before it, in
 * LEB128 (seven bits a byte, the lowest first; the highest bit says that more follow). A gap below 128 is one byte.
 */

const bytesFor = (gap: number): number =>
  gap < 2 ** 7 ? 1 : gap < 2 ** 14 ? 2 : gap < 2 ** 21 ? 3 : gap < 2 ** 28 ? 4 : 5

/** How many bytes the first `count` numbers take, which rise. */
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

/** Writes the first `count` numbers, which rise, into `bytes`, from its beginning. */
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

/** Reads `count` numbers that fill `bytes`; undefined when they do not, or are no numbers of cells. */
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

/** Puts different numbers into rising order, faster than by comparing them: it marks them on a map of bits. */
export class RisingOrder {
  /** All zero between calls. */
  #marks = new Uint32Array(0)

  /** Orders the first `count` of `numbers`, which are below `limit`. */
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
