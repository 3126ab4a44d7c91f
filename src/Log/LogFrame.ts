/** What `SharedLog` writes before an entry or a snapshot. All numbers are big-endian. */

import * as JsonBytes from "./JsonBytes.ts"

/** The length of a writer's name, in characters. */
export const WRITER = 12
const HEADER = WRITER + 4 + 1
const ENTRY = 0
const NOTICE = 1

const decoder = new TextDecoder("latin1")

/**
 * What the logs of several processes say to each other. Notices are in the log like entries, but have no numbers: a
 * repeated or lost one does no harm.
 */
export type Notice =
  /**
   * A snapshot of the state at this position was saved. `overrules`: a generation that was begun because nobody seemed to have
   * the beginning of the log, and that is void, because the writer has it.
   */
  | { readonly type: "saved"; readonly position: number; readonly generation: string; readonly overrules?: string }
  /** A reader can't begin, because there is no snapshot that the log joins on to. */
  | { readonly type: "wanted" }
  /** The writer has the whole log, but can't save a snapshot now. Who wants one must wait. `overrules`: as above. */
  | { readonly type: "kept"; readonly overrules?: string }
  | GenerationNotice

export type GenerationNotice =
  /**
   * The log begins again, and what came before no longer counts: the engine has lost its newest entries. `from`: the
   * generation that was read before that, and those before it. Void if the present one is none of these, because then it
   * is newer.
   */
  | { readonly type: "generation"; readonly from: ReadonlyArray<string> }
  /** The log begins again, because its beginning is lost. Void if the present generation began after the position. */
  | { readonly type: "generation"; readonly end: number }

export interface Framed {
  readonly writer: string
  readonly number: number
  readonly payload: Uint8Array
  readonly notice: Notice | undefined
}

const write = (writer: string, number: number, kind: number, payload: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(HEADER + payload.length)
  for (let i = 0; i < WRITER; i++) bytes[i] = writer.charCodeAt(i)
  new DataView(bytes.buffer).setUint32(WRITER, number)
  bytes[WRITER + 4] = kind
  bytes.set(payload, HEADER)
  return bytes
}

/** 12 bytes of the writer's name, 4 bytes of the entry's number modulo 2^32, a byte 0, then the entry. */
export const frame = (writer: string, number: number, payload: Uint8Array): Uint8Array =>
  write(writer, number, ENTRY, payload)

/** 12 bytes of the writer's name, 4 bytes 0, a byte 1, then the notice as JSON. */
export const frameNotice = (writer: string, notice: Notice): Uint8Array =>
  write(writer, 0, NOTICE, JsonBytes.encode(notice))

/** The parts of a framed entry or notice; `undefined` for other bytes. */
export const unframe = (bytes: Uint8Array): Framed | undefined => {
  if (bytes.length < HEADER) return undefined
  const kind = bytes[WRITER + 4]!
  const payload = bytes.subarray(HEADER)
  const notice = kind === NOTICE ? JsonBytes.decode<Notice>(payload) : undefined
  if (kind !== ENTRY && notice === undefined) return undefined
  return {
    writer: decoder.decode(bytes.subarray(0, WRITER)),
    number: new DataView(bytes.buffer, bytes.byteOffset).getUint32(WRITER),
    payload,
    notice
  }
}

/** The log's own state at a position, which a snapshot keeps beside the reader's state. */
export interface SnapshotHead {
  readonly origin: string
  /** The generations up to the present one. */
  readonly generations: ReadonlyArray<string>
  readonly position: number
  readonly through: number
  readonly mark: string
  readonly writers: ReadonlyArray<readonly [writer: string, next: number]>
}

/** The head, then the reader's state. */
export const frameSnapshot = (head: SnapshotHead, state: Uint8Array): Uint8Array => JsonBytes.withHead(head, state)

export const unframeSnapshot = (bytes: Uint8Array) => JsonBytes.splitHead<SnapshotHead>(bytes)
