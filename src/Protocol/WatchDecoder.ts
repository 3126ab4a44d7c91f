/** Decodes the blocks of the watch protocol. */
import { readGaps } from "./CellGaps.ts"
import type { Block, FiguresBlock } from "./WatchProtocol.ts"
import {
  ALIGNMENT,
  BITS_HEADER_BYTES,
  BLOCK_HEADER_BYTES,
  CELLS_HEADER_BYTES,
  FIRST_STATUS_BYTES,
  GAME_HEADER_BYTES,
  GAPS,
  kind,
  MAX_BITMAPS,
  NO_STEP,
  padded,
  phases,
  SERVER_BYTES,
  SPARSE,
  STATUS_BYTES
} from "./WatchProtocol.ts"

const decodeGame = (view: DataView, body: number, length: number, detail: number): FiguresBlock | undefined => {
  if (length < GAME_HEADER_BYTES || detail === 1) return undefined
  const topology = new Uint8Array(view.buffer, view.byteOffset + body + GAME_HEADER_BYTES, length - GAME_HEADER_BYTES)
  return {
    _tag: "Game",
    game: view.getUint32(body, true),
    width: view.getUint32(body + 4, true),
    height: view.getUint32(body + 8, true),
    topology: new TextDecoder().decode(topology),
    stateCount: detail === 0 ? 2 : detail
  }
}

const decodeCells = (view: DataView, body: number, length: number, detail: number): Block | undefined => {
  const log2 = detail & 3
  if (length < CELLS_HEADER_BYTES || log2 === 3) return undefined
  const count = view.getUint32(body + 4, true)
  const isListed = (detail & SPARSE) !== 0
  const hasGaps = isListed && (detail & GAPS) !== 0
  const numberBytes = isListed && !hasGaps ? count * 4 : 0
  const gapBytes = length - CELLS_HEADER_BYTES - numberBytes - count * ((1 << log2) + 1)
  if (gapBytes < 0 || (gapBytes > 0 && !hasGaps)) return undefined
  const start = view.byteOffset + body + CELLS_HEADER_BYTES
  const valuesStart = start + numberBytes
  const agesStart = valuesStart + (count << log2)
  const indices = hasGaps
    ? readGaps(new Uint8Array(view.buffer, agesStart + count, gapBytes), count)
    : isListed
      ? new Uint32Array(view.buffer, start, count)
      : undefined
  if (isListed && indices === undefined) return undefined
  return {
    _tag: "Cells",
    base: view.getUint32(body, true),
    indices,
    values:
      log2 === 0
        ? new Uint8Array(view.buffer, valuesStart, count)
        : log2 === 1
          ? new Uint16Array(view.buffer, valuesStart, count)
          : new Uint32Array(view.buffer, valuesStart, count),
    ages: new Uint8Array(view.buffer, agesStart, count)
  }
}

const decodeBits = (view: DataView, body: number, length: number): Block | undefined => {
  const count = length < BITS_HEADER_BYTES ? 0 : view.getUint32(body + 4, true)
  const bytes = (length - BITS_HEADER_BYTES) / count
  // No bitmap is empty.
  if (count > MAX_BITMAPS || !(Number.isInteger(bytes) && bytes > 0)) return undefined
  const start = view.byteOffset + body + BITS_HEADER_BYTES
  const bitmaps = Array.from({ length: count }, (_, at) => new Uint8Array(view.buffer, start + at * bytes, bytes))
  return { _tag: "Bits", base: view.getUint32(body, true), bitmaps }
}

const decodeStatus = (view: DataView, body: number, length: number, detail: number): FiguresBlock | undefined => {
  const phase = phases[detail]
  if (length < FIRST_STATUS_BYTES || phase === undefined) return undefined
  return {
    _tag: "Status",
    phase,
    game: view.getUint32(body, true),
    connected: view.getUint32(body + 4, true),
    subscribed: view.getUint32(body + 8, true),
    watchers: view.getUint32(body + 12, true),
    population: view.getUint32(body + 16, true),
    latency: view.getFloat32(body + 20, true),
    messages: view.getFloat64(body + 24, true),
    deliveries: view.getFloat64(body + 32, true),
    births: view.getFloat64(body + 40, true),
    deaths: view.getFloat64(body + 48, true),
    time: view.getFloat64(body + 56, true),
    // Older servers send less.
    broken: length < FIRST_STATUS_BYTES + 4 ? 0 : view.getUint32(body + 64, true),
    memory: length < FIRST_STATUS_BYTES + 8 ? 0 : view.getUint32(body + 68, true) * 1024,
    least: length < STATUS_BYTES ? NO_STEP : view.getInt32(body + 72, true),
    greatest: length < STATUS_BYTES ? NO_STEP : view.getInt32(body + 76, true),
    memoryBefore: length < STATUS_BYTES ? 0 : view.getUint32(body + 80, true) * 1024
  }
}

const decodeServer = (view: DataView, body: number, length: number): FiguresBlock | undefined =>
  length < SERVER_BYTES ? undefined : { _tag: "Server", server: view.getUint32(body, true) }

/** Decodes the body of a block; `undefined` if it is malformed. */
type Decoder<A> = (view: DataView, body: number, length: number, detail: number) => A | undefined

const figures = new Map<number, Decoder<FiguresBlock>>([
  [kind.game, decodeGame],
  [kind.status, decodeStatus],
  [kind.server, decodeServer]
])

const all = new Map<number, Decoder<Block>>([...figures, [kind.cells, decodeCells], [kind.bits, decodeBits]])

/** Decodes the blocks of these kinds. Returns `undefined` if one of them, or the length of any block, is wrong. */
const decodeKinds = <A>(message: Uint8Array, decoders: ReadonlyMap<number, Decoder<A>>) => {
  const bytes = message.byteOffset % ALIGNMENT === 0 ? message : Uint8Array.from(message)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const blocks: Array<A> = []
  let hasOthers = false
  let offset = 0
  while (offset < bytes.length) {
    const body = offset + BLOCK_HEADER_BYTES
    if (body > bytes.length) return undefined
    const length = view.getUint32(offset + 4, true)
    if (length > bytes.length - body) return undefined
    const decoder = decoders.get(view.getUint8(offset))
    const block = decoder?.(view, body, length, view.getUint8(offset + 1))
    if (block !== undefined) blocks.push(block)
    else if (decoder !== undefined) return undefined
    else hasOthers = true
    offset = body + padded(length)
  }
  return { blocks, hasOthers }
}

/**
 * Decodes the blocks of one message. Their arrays are views of the message. Blocks of unknown kinds are skipped, so
 * that the protocol can grow. Returns `undefined` if the message is malformed; never throws.
 */
export const decode = (message: Uint8Array): ReadonlyArray<Block> | undefined => decodeKinds(message, all)?.blocks

/** The blocks that are not about cells: the time does not grow with the grid. `hasOthers`: there are others. */
export const decodeFigures = (
  message: Uint8Array
): { readonly blocks: ReadonlyArray<FiguresBlock>; readonly hasOthers: boolean } | undefined =>
  decodeKinds(message, figures)
