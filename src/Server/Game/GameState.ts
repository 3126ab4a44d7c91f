/**
 * The state of a game: the fold of its log. It depends on nothing else, neither on a clock nor on connections, so all
 * nodes that have read the same log hold the same state. It is changed in place, because a game may have a million
 * cells. The node reads the events and acts on what each has changed (`GameNode`).
 */
import * as JsonBytes from "../../Log/JsonBytes.ts"
import { CloseReason } from "../../Protocol/CloseReason.ts"
import type { Reset } from "../../Protocol/Protocol0.ts"
import type { RecordedStates } from "../../Protocol/Recording.ts"
import * as BarrierState from "./BarrierState.ts"
import * as Float64s from "./Float64s.ts"
import type { CellState, Census, Claim, GameEvent } from "./GameEvent.ts"
import { KeptStates } from "./KeptStates.ts"
import { type NodeEntry, NodeRegister } from "./NodeRegister.ts"

/** As its reset gave it. */
export type Grid = Reset

const INITIAL = 32
const initialGrid: Grid = { width: INITIAL, height: INITIAL, topology: "", stateCount: 2 }

/** The JSON part of a snapshot. The kept states and the claims follow it, with 8 bytes for each cell each. */
interface Head {
  readonly epoch: number
  /** The newest epoch of which events were, if it is another one: then this is the state of a node that had no room for that game. */
  readonly spoken?: number
  readonly asked: number
  readonly grid: Grid
  readonly barrier: BarrierState.BarrierState
  readonly nodes: ReadonlyArray<NodeEntry>
}

/** The arrays of a game; `undefined` if there is no memory for them. */
const arraysOf = (cells: number, states: number) => {
  try {
    return { kept: new KeptStates(cells, states), since: new Float64Array(cells) }
  } catch (error) {
    if (error instanceof RangeError && cells > 0) return undefined
    throw error
  }
}

export class GameState {
  /** The position of the reset that began this game; 0 before any. */
  epoch = 0
  /** The position in the lobby's log of the request that began this game; 0 for the game without a name. */
  #asked = 0
  grid = initialGrid
  barrier = BarrierState.make(INITIAL * INITIAL)
  kept = new KeptStates(INITIAL * INITIAL, 2)
  nodes = new NodeRegister()
  /** The position at which the worker of each cell joined. */
  #since = new Float64Array(INITIAL * INITIAL)
  /** The newest epoch of which events were. */
  #spoken = 0

  /**
   * Whether the game is that of the newest reset, as far as the log tells. If other nodes speak of a later epoch than the
   * position of the last reset that was folded here, this state is wrong.
   */
  get isNewest(): boolean {
    return this.#spoken <= this.epoch
  }

  /** Notes the epoch that an event has. Returns whether it is that of this game; otherwise the event has no effect. */
  noteEpoch(epoch: number): boolean {
    this.#spoken = Math.max(this.#spoken, epoch)
    return epoch === this.epoch
  }

  /** Returns to the state before any event, because the engine has lost the log. */
  forget(): void {
    this.restore(new GameState().snapshot())
  }

  snapshot(): Uint8Array {
    const head: Head = {
      epoch: this.epoch,
      ...(this.isNewest ? {} : { spoken: this.#spoken }),
      asked: this.#asked,
      grid: this.grid,
      barrier: this.barrier,
      nodes: this.nodes.entries()
    }
    return JsonBytes.withHead(head, this.kept.bytes(), Float64s.bytes(this.#since))
  }

  restore(snapshot: Uint8Array): void {
    const { head, rest: cells } = JsonBytes.splitHead<Head>(snapshot)!
    this.epoch = head.epoch
    this.#spoken = head.spoken ?? head.epoch
    this.#asked = head.asked
    // A snapshot of an older version has no number of states: it is two.
    this.grid = { ...initialGrid, ...head.grid }
    this.barrier = head.barrier
    this.kept = KeptStates.ofBytes(cells.subarray(0, cells.length / 2), this.grid.stateCount)
    this.#since = Float64s.ofBytes(cells.subarray(cells.length / 2))
    this.nodes = new NodeRegister(head.nodes)
  }

  /** Keeps a state. Returns false if there can be no such cell or state. */
  publish({ state, step, topic }: CellState): boolean {
    if (topic >= this.kept.cells || state >= this.grid.stateCount) return false
    this.kept.keep(topic, step, state)
    return true
  }

  /** Keeps many states, or none of them if one can't be. */
  publishAll(columns: RecordedStates): boolean {
    const { cells, generation, states } = columns
    const { kept } = this
    const { stateCount } = this.grid
    if (generation === undefined || cells.length !== kept.cells)
      for (let at = 0; at < cells.length; at++) if (cells[at]! >= kept.cells || states[at]! >= stateCount) return false
    kept.keepAll(columns)
    return true
  }

  /** Gives a cell to a worker, instead of any other one. Returns false if one that joined later has it. */
  claim({ since, topic }: Claim): boolean {
    // A node that was cut off may write an old claim, whose cell another worker has had for long.
    if (since < this.#since[topic]!) return false
    this.#since[topic] = since
    return true
  }

  /** Returns whether the node is registered. */
  count(node: string, census: Census): boolean {
    return this.#change(this.nodes.count(node, census))
  }

  /** Removes a node, which left or was silent for too long. Returns whether it was registered. */
  remove(node: string): boolean {
    return this.#change(this.nodes.remove(node))
  }

  /** Begins another game. Returns the reason if the reset has no effect here. */
  reset(
    { asked = 0, height, states = 2, topology, width }: Extract<GameEvent, { readonly type: "reset" }>,
    position: number
  ): CloseReason | undefined {
    // Two nodes write the resets of two requests in any order. The list of games has the size of the later request.
    if (asked < this.#asked) return CloseReason.NewGame
    const arrays = arraysOf(width * height, states)
    // The entry stays in the log, and each start of this node would fail at it. If other nodes have room, they go on in this
    // game, and `isNewest` is false here until the next reset.
    if (arrays === undefined) return CloseReason.NoRoom
    this.#asked = asked
    this.epoch = position
    this.grid = { width, height, topology, stateCount: states }
    this.barrier = BarrierState.make(width * height)
    this.kept = arrays.kept
    this.#since = arrays.since
    this.nodes.clearCounts()
    return undefined
  }

  #change(change: Census | undefined): boolean {
    if (change === undefined) return false
    this.barrier = BarrierState.count(this.barrier, change)
    return true
  }
}
