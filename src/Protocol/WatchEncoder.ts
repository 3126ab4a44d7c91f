/** Encodes the blocks of the watch protocol. */
import { gapBytes, writeGaps } from "./CellGaps.ts"
import type { BitsBlock, GameBlock, StatusBlock } from "./WatchProtocol.ts"
import {
  BITS_HEADER_BYTES,
  BLOCK_HEADER_BYTES,
  CELLS_HEADER_BYTES,
  GAME_HEADER_BYTES,
  GAPS,
  kind,
  MAX_AGE,
  NO_STEP,
  padded,
  phases,
  SERVER_BYTES,
  SPARSE,
  STATUS_BYTES
} from "./WatchProtocol.ts"

/** The arrays from which a cells block is made, with one entry for each cell. */
export interface Cells {
  readonly steps: Int32Array
  readonly states: Uint8Array
  /** The step at which each cell got its present state. */
  readonly since: Int32Array
  /** The number of states of a cell. */
  readonly stateCount: number
}

const block = (blockKind: number, detail: number, bodyBytes: number): DataView<ArrayBuffer> => {
  const view = new DataView(new ArrayBuffer(BLOCK_HEADER_BYTES + padded(bodyBytes)))
  view.setUint8(0, blockKind)
  view.setUint8(1, detail)
  view.setUint32(4, bodyBytes, true)
  return view
}

const bytesOf = (view: DataView<ArrayBuffer>) => new Uint8Array(view.buffer)

export const encodeGame = (game: Omit<GameBlock, "_tag">): Uint8Array => {
  const topology = new TextEncoder().encode(game.topology)
  const view = block(kind.game, game.stateCount === 2 ? 0 : game.stateCount, GAME_HEADER_BYTES + topology.length)
  view.setUint32(8, game.game, true)
  view.setUint32(12, game.width, true)
  view.setUint32(16, game.height, true)
  const bytes = bytesOf(view)
  bytes.set(topology, BLOCK_HEADER_BYTES + GAME_HEADER_BYTES)
  return bytes
}

export const encodeStatus = (status: Omit<StatusBlock, "_tag">): Uint8Array => {
  const view = block(kind.status, phases.indexOf(status.phase), STATUS_BYTES)
  view.setUint32(8, status.game, true)
  view.setUint32(12, status.connected, true)
  view.setUint32(16, status.subscribed, true)
  view.setUint32(20, status.watchers, true)
  view.setUint32(24, status.population, true)
  view.setFloat32(28, status.latency, true)
  view.setFloat64(32, status.messages, true)
  view.setFloat64(40, status.deliveries, true)
  view.setFloat64(48, status.births, true)
  view.setFloat64(56, status.deaths, true)
  view.setFloat64(64, status.time, true)
  view.setUint32(72, status.broken, true)
  view.setUint32(76, Math.round(status.memory / 1024), true)
  view.setInt32(80, status.least, true)
  view.setInt32(84, status.greatest, true)
  view.setUint32(88, Math.round(status.memoryBefore / 1024), true)
  return bytesOf(view)
}

export const encodeServer = (server: number): Uint8Array => {
  const view = block(kind.server, 0, SERVER_BYTES)
  view.setUint32(8, server, true)
  return bytesOf(view)
}

/** One generation of the whole grid: a cells block in which all cells are at the step `base`. */
export const encodeGeneration = (base: number, states: Uint8Array, ages: Uint8Array): Uint8Array => {
  const count = states.length
  const view = block(kind.cells, 0, CELLS_HEADER_BYTES + 2 * count)
  view.setUint32(8, base, true)
  view.setUint32(12, count, true)
  const start = BLOCK_HEADER_BYTES + CELLS_HEADER_BYTES
  const values = new Uint8Array(view.buffer, start, count)
  for (let index = 0; index < count; index++) values[index] = 1 + states[index]!
  new Uint8Array(view.buffer, start + count, count).set(ages)
  return bytesOf(view)
}

/** The next steps of a whole grid in which all cells are at the step `base`. */
export const encodeBits = ({ base, bitmaps }: Omit<BitsBlock, "_tag">): Uint8Array => {
  const view = block(kind.bits, 0, BITS_HEADER_BYTES + bitmaps.reduce((sum, { length }) => sum + length, 0))
  view.setUint32(8, base, true)
  view.setUint32(12, bitmaps.length, true)
  let at = BLOCK_HEADER_BYTES + BITS_HEADER_BYTES
  for (const bitmap of bitmaps) {
    new Uint8Array(view.buffer, at, bitmap.length).set(bitmap)
    at += bitmap.length
  }
  return bytesOf(view)
}

/** Log2 of the bytes for the value of a cell that is `spread` steps ahead of the block's base. */
const widthFor = (spread: number, stateCount: number): 0 | 1 | 2 => {
  const highest = stateCount * (spread + 1)
  return highest <= 0xff ? 0 : highest <= 0xffff ? 1 : 2
}

const valuesAt = (log2: 0 | 1 | 2, buffer: ArrayBuffer, offset: number, count: number) =>
  log2 === 0
    ? new Uint8Array(buffer, offset, count)
    : log2 === 1
      ? new Uint16Array(buffer, offset, count)
      : new Uint32Array(buffer, offset, count)

/** How the cells of a block are listed. For gaps they must be in rising order. */
export type CellList = "numbers" | "gaps"

/**
 * The new states of the first `count` cells in `indices`. The block lists the cells or spans the whole grid, whichever
 * is shorter. `undefined` if none of the cells has a state yet.
 */
export const encodeCells = (
  cells: Cells,
  indices: Uint32Array,
  count: number,
  list: CellList = "numbers"
): Uint8Array | undefined => {
  const { since, stateCount, states, steps } = cells
  let base = Number.POSITIVE_INFINITY
  let last = NO_STEP
  for (let k = 0; k < count; k++) {
    const step = steps[indices[k]!]!
    if (step === NO_STEP) continue
    if (step < base) base = step
    if (step > last) last = step
  }
  if (last === NO_STEP) return undefined
  const log2 = widthFor(last - base, stateCount)
  const entryBytes = (1 << log2) + 1
  const listBytes = list === "gaps" ? gapBytes(indices, count) : 4 * count
  const listed = listBytes + count * entryBytes < steps.length * entryBytes
  const entries = listed ? count : steps.length
  const form = listed ? SPARSE | (list === "gaps" ? GAPS : 0) : 0
  const view = block(kind.cells, log2 | form, CELLS_HEADER_BYTES + entries * entryBytes + (listed ? listBytes : 0))
  view.setUint32(8, base, true)
  view.setUint32(12, entries, true)
  const start = BLOCK_HEADER_BYTES + CELLS_HEADER_BYTES
  const valuesStart = start + (form === SPARSE ? listBytes : 0)
  const agesStart = valuesStart + (entries << log2)
  const values = valuesAt(log2, view.buffer, valuesStart, entries)
  const ages = new Uint8Array(view.buffer, agesStart, entries)
  if (form === SPARSE) new Uint32Array(view.buffer, start, entries).set(indices.subarray(0, count))
  else if (listed) writeGaps(indices, count, new Uint8Array(view.buffer, agesStart + entries, listBytes))
  for (let k = 0; k < count; k++) {
    const index = indices[k]!
    const step = steps[index]!
    if (step === NO_STEP) continue
    const at = listed ? k : index
    values[at] = 1 + (step - base) * stateCount + states[index]!
    ages[at] = Math.min(MAX_AGE, step - since[index]!)
  }
  return bytesOf(view)
}
