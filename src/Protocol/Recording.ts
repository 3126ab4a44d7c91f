/**
 * Recordings of games: what a server keeps of a game, tells on `/history/`, and what `life record` writes to a file. The
 * byte layout is in `docs/recording.md`. Pure: the server, the commands and the page share it.
 */

import { MAX_STATES } from "./Protocol0.ts"

/** The kinds of blocks. */
export const kind = {
  /** Which game: JSON. The first block. */
  game: 1,
  /** Every cell, as it is at a time. */
  keyframe: 2,
  /** The cells that told a state since the block before. */
  news: 3,
  /** Blocks, compressed by raw deflate (RFC 1951). */
  packed: 4
} as const

/** A block begins with its kind and the length of its body, 4 bytes. */
export const headerBytes = 5

/** The contents of the first block. */
export interface RecordedGame {
  readonly width: number
  readonly height: number
  /** The rule and how the edges are joined, as the server was told: `B3/S23:T32,32`, or nothing. */
  readonly topology: string
  /** How many states its cells have: 2, or more. */
  readonly stateCount: number
  /** When the first of its cells spoke, in milliseconds since 1970. */
  readonly begun: number
}

export interface RecordedBlock {
  readonly kind: number
  readonly body: Uint8Array
}

const format = "effect-c10k recording"
/** Of games whose cells have two states, and of those whose cells have more: a reader of version 1 would misread those. */
const version = 1
const versionOfMore = 2

/** The most cells that a reader believes: 2^30. */
const MAX_CELLS = 2 ** 30

/** A block's bytes. */
export const block = (kind: number, body: Uint8Array): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(headerBytes + body.length)
  bytes[0] = kind
  new DataView(bytes.buffer).setUint32(1, body.length, true)
  bytes.set(body, headerBytes)
  return bytes
}

export const gameBlock = ({ stateCount, ...game }: RecordedGame): Uint8Array<ArrayBuffer> => {
  const head =
    stateCount === 2 ? { format, version, ...game } : { format, version: versionOfMore, ...game, states: stateCount }
  return block(kind.game, new TextEncoder().encode(JSON.stringify(head)))
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0

/** Reads the body of a first block; a text tells what is wrong with it. */
export const readGame = (body: Uint8Array): RecordedGame | string => {
  let found: Record<string, unknown>
  try {
    found = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body))
  } catch {
    return "it does not begin as a recording does"
  }
  if (found?.["format"] !== format) return "it does not begin as a recording does"
  if (found["version"] !== version && found["version"] !== versionOfMore)
    return `it is a recording of version ${found["version"]}; this program reads versions up to ${versionOfMore}`
  const { begun, height, states = 2, topology, width } = found
  if (!isCount(width) || !isCount(height) || width * height > MAX_CELLS || typeof topology !== "string")
    return "it does not tell the size of its game"
  if (!isCount(states) || states < 2 || states > MAX_STATES)
    return `it tells of ${states} states of a cell; expected 2 to ${MAX_STATES}`
  return { width, height, topology, stateCount: states, begun: typeof begun === "number" ? begun : 0 }
}
