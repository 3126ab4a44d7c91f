/**
 * Arithmetic on bits, apart from what a watcher must know (`WatchState`). Bitmaps of cells of two states, of which the watch
 * protocol sends one for each step: cell 0 is the lowest bit of the first word.
 */
import { bitmapBytes } from "../../Protocol/WatchProtocol.ts"

/** The number of bits that are set. */
export const count = (bits: number): number => {
  const pairs = bits - ((bits >>> 1) & 0x5555_5555)
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333)
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}

/** The states of four cells, each 0 or 1 in a byte, as four bits. */
const packed = (four: number): number => Math.imul(four, 0x1020_4080) >>> 28

/** The bitmap of these states, each 0 or 1 in a byte of its own. The array must begin where its buffer begins. */
export const of = (states: Uint8Array): Uint32Array => {
  const bitmap = new Uint32Array(bitmapBytes(states.length) / 4)
  const fours = new Uint32Array(states.buffer, 0, states.length >> 2)
  const whole = states.length >> 5
  for (let word = 0, at = 0; word < whole; word++, at += 8)
    bitmap[word] =
      packed(fours[at]!) |
      (packed(fours[at + 1]!) << 4) |
      (packed(fours[at + 2]!) << 8) |
      (packed(fours[at + 3]!) << 12) |
      (packed(fours[at + 4]!) << 16) |
      (packed(fours[at + 5]!) << 20) |
      (packed(fours[at + 6]!) << 24) |
      (packed(fours[at + 7]!) << 28)
  for (let at = whole << 5; at < states.length; at++) bitmap[at >> 5]! |= states[at]! << (at & 31)
  return bitmap
}
