/**
 * The events in the log of a game. Each node (a server process) folds the same events into the same state
 * (`GameState`), and acts on its own connections accordingly (`GameNode`). An event's position in the log is its time;
 * the position of a reset is the game's epoch.
 */

import type { Reset } from "../../Protocol/Protocol0.ts"
import type { RecordedStates } from "../../Protocol/Recording.ts"

/** The message of a worker: the cell's number (`row * width + col`), its step and its state (0 to 254). */
export interface CellState {
  readonly topic: number
  readonly step: number
  readonly state: number
  /** The text that the worker sent: ASCII, of less than 256 characters. A node that has none formats it. */
  readonly text: string | undefined
}

/**
 * The numbers of a node's workers. `came` and `broke` only increase during a game: workers that connected, and workers
 * whose connections were lost while the game ran.
 */
export interface Census {
  readonly connected: number
  readonly subscribed: number
  readonly came: number
  readonly broke: number
}

/** A worker's first state decides its cell. `worker` is unique in its node; `since`: the position at which it joined. */
export interface Claim {
  readonly topic: number
  readonly worker: number
  readonly since: number
}

/** A reset as a node gets it. `asked`: the position of its request in the lobby's log, for games with names. */
export interface AskedReset extends Reset {
  readonly asked?: number
}

export type GameEvent =
  /** A node joins the game. */
  | { readonly type: "hello"; readonly node: string }
  /** A node is no longer in the game: it says so itself, or another one that has not heard of it for too long. */
  | { readonly type: "bye"; readonly node: string }
  /** Another game begins. `request` is unique and identifies the request that waits for it. */
  | {
      readonly type: "reset"
      readonly request: string
      readonly width: number
      readonly height: number
      readonly topology: string
      /** The number of states of a cell, if it is more than two. */
      readonly states?: number
      /** The position of its request in the lobby's log, for games with names. */
      readonly asked?: number
    }
  /** Written when the census changes. */
  | { readonly type: "census"; readonly node: string; readonly epoch: number; readonly census: Census }
  /** Of two workers that claim the same cell, the one that joined later gets it. */
  | { readonly type: "claims"; readonly node: string; readonly epoch: number; readonly claims: ReadonlyArray<Claim> }
  | { readonly type: "states"; readonly epoch: number; readonly states: ReadonlyArray<CellState> }
  /** Many states without texts: how a recording is played, in which a step may have a million. As bytes it is `states`. */
  | { readonly type: "columns"; readonly epoch: number; readonly columns: RecordedStates }
