/** Writes the duration into a WebM file, which a browser's recorder leaves out, so that players show it and can seek. Pure. */
import { concat } from "../../../src/Protocol/Bytes.ts"

/** The identifiers of elements (https://www.matroska.org/technical/elements.html). */
const segment = [0x18, 0x53, 0x80, 0x67]
const info = [0x15, 0x49, 0xa9, 0x66]
const durationId = [0x44, 0x89]
const DURATION_BYTES = 11

/** The element is in the first bytes of the file. */
const SEARCHED = 4096

const find = (bytes: Uint8Array, id: ReadonlyArray<number>, from: number): number => {
  const end = Math.min(bytes.length, SEARCHED) - id.length
  for (let at = from; at <= end; at++) if (id.every((byte, index) => bytes[at + index] === byte)) return at
  return -1
}

/** The size that is written at a place, and the number of bytes that it takes. */
const sizeAt = (bytes: Uint8Array, at: number) => {
  const length = Math.clz32(bytes[at]! << 24) + 1
  let size = bytes[at]! & (0xff >> length)
  for (let index = 1; index < length; index++) size = size * 256 + bytes[at + index]!
  return { size, length, isKnown: length <= 8 && size < 2 ** (7 * length) - 1 }
}

/** A size in eight bytes. */
const eightBytes = (size: number): Uint8Array => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, (1n << 56n) | BigInt(size))
  return bytes
}

/** The file with this duration, in milliseconds. A file that it can't read, or that has a duration, is returned as it is. */
export const withDuration = (file: Uint8Array, milliseconds: number): Uint8Array => {
  const outer = find(file, segment, 0)
  const at = outer < 0 ? -1 : find(file, info, outer)
  if (at < 0) return file
  const { isKnown, length, size } = sizeAt(file, at + info.length)
  const body = at + info.length + length
  // A segment of a known size would have to be changed too; a recorder does not know it when it writes it.
  if (!isKnown || body + size > file.length || sizeAt(file, outer + segment.length).isKnown) return file
  const fields = file.subarray(body, body + size)
  if (find(fields, durationId, 0) >= 0) return file
  const duration = new Uint8Array(DURATION_BYTES)
  duration.set([...durationId, 0x88])
  new DataView(duration.buffer).setFloat64(3, milliseconds)
  return concat([
    file.subarray(0, at + info.length),
    eightBytes(size + DURATION_BYTES),
    fields,
    duration,
    file.subarray(body + size)
  ])
}
