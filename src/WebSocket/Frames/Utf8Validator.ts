/**
 * Checks UTF-8 that comes in parts, which may end anywhere within a character. A byte that no text can have at its
 * place is found with the part that it comes in.
 */
import { isUtf8 } from "node:buffer"

export class Utf8Validator {
  /** Bytes that the last character still needs, and the least and the greatest that its next byte may be. */
  #needed = 0
  #least = 0x80
  #greatest = 0xbf

  /** Whether `bytes[start, end)` can follow what came before. Once it can't, nothing more is to be asked. */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start
    while (at < end && this.#needed > 0) if (!this.#step(bytes[at++]!)) return false
    // All but the last character, which may be incomplete, is checked much faster at once.
    const rest = lastCharacter(bytes, at, end)
    if (rest > at && !isUtf8(bytes.subarray(at, rest))) return false
    for (at = rest; at < end; at++) if (!this.#step(bytes[at]!)) return false
    return true
  }

  /** Whether the text may end here. */
  get isComplete(): boolean {
    return this.#needed === 0
  }

  /** The well-formed byte sequences of the Unicode standard, table 3-7. */
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
    // No longer forms of what is shorter, no surrogates, nothing above U+10FFFF.
    if (byte === 0xe0) this.#least = 0xa0
    else if (byte === 0xed) this.#greatest = 0x9f
    else if (byte === 0xf0) this.#least = 0x90
    else if (byte === 0xf4) this.#greatest = 0x8f
    return true
  }
}

/** The start of the last character of `bytes[start, end)` if it may be incomplete: then at most three of its bytes are there. */
const lastCharacter = (bytes: Uint8Array, start: number, end: number): number => {
  const first = Math.max(start, end - 3)
  for (let at = end - 1; at >= first; at--) if ((bytes[at]! & 0xc0) !== 0x80) return at
  return end
}
