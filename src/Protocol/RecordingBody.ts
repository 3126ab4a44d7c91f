/** Reads the body of a block of a recording. */

/** Says why bytes are not a recording, or not a whole one. */
export class RecordingDamage extends Error {
  override readonly name = "RecordingDamage"
}

/** Reads varints of a body. Throws `RecordingDamage` past its end. */
export class BodyReader {
  readonly bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** The bytes that were not read yet. */
  get rest(): Uint8Array {
    return this.bytes.subarray(this.at)
  }

  varint(): number {
    // Nearly all numbers have one byte.
    const first = this.bytes[this.at]
    if (first !== undefined && first < 128) {
      this.at++
      return first
    }
    let value = 0
    for (let factor = 1; factor < 2 ** 53; factor *= 128) {
      const byte = this.bytes[this.at++]
      if (byte === undefined) throw new RecordingDamage("a block is too short for its contents")
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
    throw new RecordingDamage("it has a number that is too large")
  }
}

/** The time and the base of a keyframe, of whose body at least the first 16 bytes are given. The base is 2^31 - 1 if no cell has a state. */
export const keyframeHead = (body: Uint8Array): { readonly time: number; readonly base: number } => {
  const reader = new BodyReader(body)
  return { time: reader.varint(), base: reader.varint() }
}
