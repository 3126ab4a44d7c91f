/**
 * The vocabulary of the watch protocol: what a watcher that negotiates {@link subprotocol} is told.
 *
 * The byte layouts are in `docs/protocol-watch.md`. This module and its encoder and decoder are shared by the server and
 * the page, so they import nothing.
 */

/** The WebSocket subprotocol that a watcher offers; without it a watcher gets protocol 0. */
export const subprotocol = "c10k.watch.1"

/** The phases of a game, in the order of their numbers on the wire. */
export const phases = ["idle", "connecting", "subscribing", "running", "ended"] as const

export type Phase = (typeof phases)[number]

/** The state of a cell that has not yet told one: no game has so many. */
export const unknown = 255

/** The step of a cell that has not yet told one. */
export const noStep = -1

/** Ages are told in steps up to this one, which means "at least". */
export const maxAge = 255

/** A new game: forget every cell. Cells are numbered by `row * width + column`. */
export interface GameBlock {
  readonly _tag: "Game"
  readonly game: number
  readonly width: number
  readonly height: number
  /** The rule and how the edges are joined, as the server was told: `B3/S23:T32,32`, or `T32,32`, or nothing. */
  readonly topology: string
  /** How many states its cells have: 2, or more. */
  readonly stateCount: number
}

/** Which server this is: a number drawn at its start. With the game's number it tells one game from all others. */
interface ServerBlock {
  readonly _tag: "Server"
  readonly server: number
}

/** News of cells: of those in `indices`, or of all in their order when `indices` is absent. */
export interface CellsBlock {
  readonly _tag: "Cells"
  readonly base: number
  readonly indices: Uint32Array | undefined
  /** 0: no news. Otherwise `1 + stateCount * (step - base) + state`. */
  readonly values: Uint8Array | Uint16Array | Uint32Array
  /** Steps since each cell took its present state, at most {@link maxAge}. */
  readonly ages: Uint8Array
}

/** Whether a block tells every cell at one step: a whole generation. */
export const isGeneration = ({ indices, values }: CellsBlock, stateCount: number): boolean =>
  indices === undefined && values.every((value) => value >= 1 && value <= stateCount)

/** Figures of the game. Totals count since the game's reset, so rates are differences over `time`. */
export interface StatusBlock {
  readonly _tag: "Status"
  readonly phase: Phase
  readonly game: number
  readonly connected: number
  readonly subscribed: number
  readonly watchers: number
  /** Cells last known not to be dead. */
  readonly population: number
  /** Milliseconds that a message lately took through the relay; NaN when not measured. */
  readonly latency: number
  /** State messages received from workers. */
  readonly messages: number
  /** Copies of them sent to subscribers and watchers. */
  readonly deliveries: number
  readonly births: number
  readonly deaths: number
  /** The server's monotonic clock in milliseconds. */
  readonly time: number
  /** Workers of a running game whose connections broke, and in whose places none has come; 0 from older servers. */
  readonly broken: number
}

export type Block = GameBlock | CellsBlock | StatusBlock | ServerBlock

/** Numbers of the blocks on the wire. */
export const kind = { game: 1, cells: 2, status: 3, server: 4 } as const

/** Every block starts with its kind, a detail, two zero bytes and the length of its body. */
export const blockHeaderBytes = 8

/** The fixed part of a cells block's body: base step and count. */
export const cellsHeaderBytes = 8

/** The fixed part of a game block's body: number, width and height. */
export const gameHeaderBytes = 12

/** The bytes of a status block in its first version, and now. A reader takes the part that it knows. */
export const firstStatusBytes = 64
export const statusBytes = 68

export const serverBytes = 4

/** In the detail of a cells block: indices precede the values. The two low bits are log2 of a value's bytes. */
export const sparse = 4

/** Beside {@link sparse}: gaps between the indices, in rising order, follow the ages. Only for watchers that asked for them. */
export const gaps = 8

/** Blocks are padded to this, so that typed arrays can view them in place. */
export const alignment = 4

export const padded = (bytes: number): number => (bytes + alignment - 1) & -alignment
