/**
 * The blocks of the watch protocol, which a watcher gets that negotiates {@link SUBPROTOCOL}.
 *
 * The byte layouts are in `docs/protocol-watch.md`. The server and the page share this module, its encoder and its
 * decoder, so these import nothing else.
 */

/** The WebSocket subprotocol that a watcher offers. A watcher that does not offer it gets protocol 0. */
export const SUBPROTOCOL = "c10k.watch.1"

/** The phases of a game, in the order of their numbers on the wire. */
export const phases = ["idle", "connecting", "subscribing", "running", "ended"] as const

export type Phase = (typeof phases)[number]

/** The state of a cell that has none yet. No game has a state with this number. */
export const UNKNOWN = 255

/** The step of a cell that has no state yet. */
export const NO_STEP = -1

/** The highest age in steps, which means "at least". */
export const MAX_AGE = 255

/** A new game: the watcher must forget all cells. A cell's number is `row * width + column`. */
export interface GameBlock {
  readonly _tag: "Game"
  readonly game: number
  readonly width: number
  readonly height: number
  /** The rule and the topology, as the reset gave them: `B3/S23:T32,32`, `T32,32`, or an empty text. */
  readonly topology: string
  /** The number of states of a cell: 2 to 255. */
  readonly stateCount: number
}

/** A random number, drawn at the server's start. With the game's number it identifies a game among all. */
interface ServerBlock {
  readonly _tag: "Server"
  readonly server: number
}

/** New states of cells: of those in `indices`, or of all in their order if `indices` is absent. */
export interface CellsBlock {
  readonly _tag: "Cells"
  readonly base: number
  readonly indices: Uint32Array | undefined
  /** 0: no new state. Otherwise `1 + stateCount * (step - base) + state`. */
  readonly values: Uint8Array | Uint16Array | Uint32Array
  /** Steps since each cell got its present state, at most {@link MAX_AGE}. */
  readonly ages: Uint8Array
}

/** Whether a block has every cell at one step: a whole generation. */
export const isGeneration = ({ indices, values }: CellsBlock, stateCount: number): boolean =>
  indices === undefined && values.every((value) => value >= 1 && value <= stateCount)

/** The next steps of a game of two states in which all cells are at the step `base`: a bit for each cell, from the lowest of the first byte on. */
export interface BitsBlock {
  readonly _tag: "Bits"
  readonly base: number
  readonly bitmaps: ReadonlyArray<Uint8Array>
}

/** The most bitmaps of a block. Eight take as many bytes as half of a whole grid of values and ages, and a reader has a bit of a byte for each. */
export const MAX_BITMAPS = 8

/** The bytes of a bitmap, which is padded like a block. */
export const bitmapBytes = (cells: number): number => 4 * Math.ceil(cells / 32)

/** Figures of the game. Totals count since its reset: a rate is their difference over that of `time`. */
export interface StatusBlock {
  readonly _tag: "Status"
  readonly phase: Phase
  readonly game: number
  readonly connected: number
  readonly subscribed: number
  readonly watchers: number
  /** The number of cells whose last known state is not dead. */
  readonly population: number
  /** Milliseconds that a message recently took through the relay; NaN if not measured. */
  readonly latency: number
  /** State messages received from workers. */
  readonly messages: number
  /** Copies of these that were sent to subscribers and watchers. */
  readonly deliveries: number
  readonly births: number
  readonly deaths: number
  /** The server's monotonic clock in milliseconds. */
  readonly time: number
  /** Workers of a running game that lost their connections and were not replaced; 0 from older servers. */
  readonly broken: number
  /** Bytes of memory that the server's process uses; 0 if not known. */
  readonly memory: number
  /** The lowest and the highest step of all cells; {@link NO_STEP} while some cell has none, and from older servers. */
  readonly least: number
  readonly greatest: number
  /** Bytes of memory that the server's process used when it began to serve; 0 if not known. */
  readonly memoryBefore: number
}

/** A block that is not about cells. */
export type FiguresBlock = GameBlock | StatusBlock | ServerBlock

export type Block = FiguresBlock | CellsBlock | BitsBlock

/** The numbers of the kinds of blocks on the wire. */
export const kind = { game: 1, cells: 2, status: 3, server: 4, bits: 5 } as const

/** Every block starts with its kind, a detail, two zero bytes and the length of its body. */
export const BLOCK_HEADER_BYTES = 8

/** The fixed part of a cells block's body: base step and count. */
export const CELLS_HEADER_BYTES = 8

/** The fixed part of a bits block's body: base step and number of bitmaps. */
export const BITS_HEADER_BYTES = 8

/** The fixed part of a game block's body: number, width and height. */
export const GAME_HEADER_BYTES = 12

/** The bytes of a status block in its first version, and now. A reader takes the part that it knows. */
export const FIRST_STATUS_BYTES = 64
export const STATUS_BYTES = 84

export const SERVER_BYTES = 4

/** A bit of a cells block's detail: indices precede the values. The two lowest bits are log2 of a value's bytes. */
export const SPARSE = 4

/** A bit beside {@link SPARSE}, if the watcher asked for it: the gaps between indices follow the ages. */
export const GAPS = 8

/** Blocks are padded to a multiple of this, so that typed arrays can view them in place. */
export const ALIGNMENT = 4

export const padded = (bytes: number): number => (bytes + ALIGNMENT - 1) & -ALIGNMENT
