/** Checks UTF-8 that comes in parts, which may end anywhere. A wrong byte is found in the part in which it comes. */
import { isUtf8 } from "node:buffer"

export class Utf8Validator {
  /** How many bytes the last character still needs, and the range of its next byte. */
  #needed = 0
  #least = 0x80
  #greatest = 0xbf

  /** Whether `bytes[start, end)` may follow the earlier parts. After `false` it must not be called again. */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start
    while (at < end && this.#needed > 0) if (!this.#step(bytes[at++]!)) return false
    // The last character may be incomplete. All before it is checked at once, which is much faster.
    const rest = lastCharacter(bytes, at, end)
    if (rest > at && !isUtf8(bytes.subarray(at, rest))) return false
    for (at = rest; at < end; at++) if (!this.#step(bytes[at]!)) return false
    return true
  }

  /** Whether the text may end here. */
  get isComplete(): boolean {
    return this.#needed === 0
  }

  /** Checks one byte by the table of well-formed byte sequences of the Unicode standard, table 3-7. */
  #step(byte: number): boolean {
    if (this.#needed > 0) {
      if (byte < this.#least || byte > this.#greatest) return false
      this.#needed--
      this.#least = 0x80
      this.#greatest = 0xbf
      return true
    }
    if (byte < 0x80) return true
    if (byte < 0xc2 || byte > 0xf4) return false
    this.#needed = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
    // No overlong forms, no surrogates, nothing above U+10FFFF.
    if (byte === 0xe0) this.#least = 0xa0
    else if (byte === 0xed) this.#greatest = 0x9f
    else if (byte === 0xf0) this.#least = 0x90
    else if (byte === 0xf4) this.#greatest = 0x8f
    return true
  }
}

/** The start of the last character of `bytes[start, end)` if it may be incomplete: within the last 3 bytes. */
const lastCharacter = (bytes: Uint8Array, start: number, end: number): number => {
  const first = Math.max(start, end - 3)
  for (let at = end - 1; at >= first; at--) if ((bytes[at]! & 0xc0) !== 0x80) return at
  return end
}
