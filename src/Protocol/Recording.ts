/**
 * Recordings of games: what a server keeps of a game, what it sends on `/history/`, and what `life record` writes to a
 * file. The byte layout is in `docs/recording.md`. This module is pure, because the server, the commands and the page
 * share it.
 */

import { MAX_STATES } from "./Protocol0.ts"

export const kind = {
  /** Describes the game, in JSON. The first block. */
  game: 1,
  /** The state of every cell at one time. */
  keyframe: 2,
  /** The cells that got a newer step since the last block, with their states. */
  news: 3,
  /** Several blocks, compressed with raw deflate (RFC 1951). */
  packed: 4
} as const

/** A block begins with 1 byte of its kind and 4 bytes of its body's length. */
export const HEADER_BYTES = 5

/** States of cells, one at each place of the arrays. The number of a cell is `row * width + col`. */
export interface RecordedStates {
  readonly cells: Uint32Array
  readonly steps: Int32Array
  readonly states: Uint8Array
  /** If these are all cells of a game of two states, in order and at one step: this step. */
  readonly generation?: number
}

/** The content of the first block. */
export interface RecordedGame {
  readonly width: number
  readonly height: number
  /** The rule and the topology, as the reset gave them: `B3/S23:T32,32`, or an empty text. */
  readonly topology: string
  /** The number of states of a cell: 2 to 255. */
  readonly stateCount: number
  /** When the first state of a cell arrived, in milliseconds since 1970. */
  readonly begun: number
}

export interface RecordedBlock {
  readonly kind: number
  readonly body: Uint8Array
}

const FORMAT = "effect-c10k recording"
/** The version of games with two states, and that of games with more, which a reader of version 1 would misread. */
const VERSION = 1
const VERSION_OF_MORE = 2

/** The most cells that a reader accepts: 2^30. */
const MAX_CELLS = 2 ** 30

/** The bytes of a block. */
export const block = (kind: number, body: Uint8Array): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(HEADER_BYTES + body.length)
  bytes[0] = kind
  new DataView(bytes.buffer).setUint32(1, body.length, true)
  bytes.set(body, HEADER_BYTES)
  return bytes
}

export const gameBlock = ({ stateCount, ...game }: RecordedGame): Uint8Array<ArrayBuffer> => {
  const head =
    stateCount === 2
      ? { format: FORMAT, version: VERSION, ...game }
      : { format: FORMAT, version: VERSION_OF_MORE, ...game, states: stateCount }
  return block(kind.game, new TextEncoder().encode(JSON.stringify(head)))
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0

/** Reads the body of a first block. Returns a text if it is invalid, which says what is wrong. */
export const readGame = (body: Uint8Array): RecordedGame | string => {
  let found: Record<string, unknown>
  try {
    found = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body))
  } catch {
    return "it does not begin like a recording"
  }
  if (found?.["format"] !== FORMAT) return "it does not begin like a recording"
  if (found["version"] !== VERSION && found["version"] !== VERSION_OF_MORE)
    return `it is a recording of version ${found["version"]}; this program reads versions up to ${VERSION_OF_MORE}`
  const { begun, height, states = 2, topology, width } = found
  if (!isCount(width) || !isCount(height) || width * height > MAX_CELLS || typeof topology !== "string")
    return "it has no valid size of its game"
  if (!isCount(states) || states < 2 || states > MAX_STATES)
    return `its cells have ${states} states; expected 2 to ${MAX_STATES}`
  return { width, height, topology, stateCount: states, begun: typeof begun === "number" ? begun : 0 }
}
