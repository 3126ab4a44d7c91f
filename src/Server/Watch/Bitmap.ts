/** Bitmaps of cells of two states, of which the watch protocol sends one for each step: cell 0 is the lowest bit of the first word. */
import { bitmapBytes } from "../../Protocol/WatchProtocol.ts"

/** The number of bits that are set. */
export const count = (bits: number): number => {
  const pairs = bits - ((bits >>> 1) & 0x5555_5555)
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333)
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}

/** The bitmap of these states, each 0 or 1 in a byte of its own. The array must begin where its buffer begins. */
export const of = (states: Uint8Array): Uint32Array => {
  const bitmap = new Uint32Array(bitmapBytes(states.length) / 4)
  const words = new Uint32Array(states.buffer, 0, states.length >> 2)
  for (let at = 0; at < words.length; at++) {
    const four = words[at]!
    // The states of four cells are the lowest bits of four bytes.
    const bits = (four | (four >>> 7) | (four >>> 14) | (four >>> 21)) & 15
    bitmap[at >> 3]! |= bits << (4 * (at & 7))
  }
  for (let at = states.length & ~3; at < states.length; at++) bitmap[at >> 5]! |= states[at]! << (at & 31)
  return bitmap
}
