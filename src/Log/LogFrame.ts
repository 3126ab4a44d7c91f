/** The header that `SharedLog` writes before an entry or a snapshot. All numbers are big-endian. */

/** The length of a writer's name, in characters. */
export const WRITER = 12
const HEADER = WRITER + 4

const decoder = new TextDecoder("latin1")

export interface Framed {
  readonly writer: string
  readonly number: number
  readonly payload: Uint8Array
}

/** 12 bytes of the writer's name, 4 bytes of the entry's number modulo 2^32, then the entry. */
export const frame = (writer: string, number: number, payload: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(HEADER + payload.length)
  for (let i = 0; i < WRITER; i++) bytes[i] = writer.charCodeAt(i)
  new DataView(bytes.buffer).setUint32(WRITER, number)
  bytes.set(payload, HEADER)
  return bytes
}

/** The parts of a framed entry; `undefined` for bytes that are too short. */
export const unframe = (bytes: Uint8Array): Framed | undefined => {
  if (bytes.length < HEADER) return undefined
  return {
    writer: decoder.decode(bytes.subarray(0, WRITER)),
    number: new DataView(bytes.buffer, bytes.byteOffset).getUint32(WRITER),
    payload: bytes.subarray(HEADER)
  }
}

/** The log's own state at a position, which a snapshot keeps beside the reader's state. */
export interface SnapshotHead {
  readonly generation: string
  readonly position: number
  /** Bytes of all entries up to the position. */
  readonly total: number
  readonly writers: ReadonlyArray<readonly [writer: string, next: number]>
}

/** 4 bytes of the head's length, the head as JSON, then the reader's state. */
export const frameSnapshot = (head: SnapshotHead, state: Uint8Array): Uint8Array => {
  const json = new TextEncoder().encode(JSON.stringify(head))
  const bytes = new Uint8Array(4 + json.length + state.length)
  new DataView(bytes.buffer).setUint32(0, json.length)
  bytes.set(json, 4)
  bytes.set(state, 4 + json.length)
  return bytes
}

export const unframeSnapshot = (
  bytes: Uint8Array
): { readonly head: SnapshotHead; readonly state: Uint8Array } | undefined => {
  if (bytes.length < 4) return undefined
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  try {
    const head: SnapshotHead = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)))
    return { head, state: bytes.subarray(4 + length) }
  } catch {
    return undefined
  }
}
