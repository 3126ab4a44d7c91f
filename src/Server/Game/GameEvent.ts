/**
 * What the log of a game says. Each node (a server process) folds the same events into the same state (`GameState`), and does to its own
 * connections what follows from it (`GameNode`). An event's position in the log is its time: that of a reset is the game's epoch.
 */

/** A message of a worker: the cell's number (`row * width + col`), its step, its state (0 to 254). */
export interface CellState {
  readonly topic: number
  readonly step: number
  readonly state: number
  /** The message, where the worker is this node's; others can write it again from the numbers. */
  readonly text: string | undefined
}

/** A node's workers. `came` and `broke` count up during a game: workers that connected, and whose connections broke in the run. */
export interface Census {
  readonly connected: number
  readonly subscribed: number
  readonly came: number
  readonly broke: number
}

/**
 * A worker of a node spoke for a cell for the first time. `worker` is unique in its node; `since` is the position in the log at which it
 * joined.
 */
export interface Claim {
  readonly topic: number
  readonly worker: number
  readonly since: number
}

export type GameEvent =
  /** A node takes part from here on. */
  | { readonly type: "hello"; readonly node: string }
  /** A node leaves in good order. */
  | { readonly type: "bye"; readonly node: string }
  /** Another game begins. `request` is unique, for who waits for the answer. */
  | {
      readonly type: "reset"
      readonly request: string
      readonly width: number
      readonly height: number
      readonly topology: string
      /** How many states a cell has, where it is more than two. */
      readonly states?: number
    }
  /** Sent when it changes, and as a beat every second, by which the others know that the node lives. */
  | {
      readonly type: "census"
      readonly node: string
      readonly epoch: number
      readonly census: Census
      readonly isBeat: boolean
    }
  /** Of two workers that claim one cell, the one that joined later has it. */
  | { readonly type: "claims"; readonly node: string; readonly epoch: number; readonly claims: ReadonlyArray<Claim> }
  | { readonly type: "states"; readonly epoch: number; readonly states: ReadonlyArray<CellState> }
