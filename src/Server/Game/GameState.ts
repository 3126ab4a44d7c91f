/**
 * The state of a game: the fold of its log. It depends on nothing else, neither on a clock nor on connections, so all
 * nodes that have read the same log hold the same state. It is changed in place, because a game may have a million
 * cells. Each event's consequences are reported to the node.
 */
import { CloseReason } from "../../Protocol/CloseReason.ts"
import type { RecordedStates } from "../../Protocol/Recording.ts"
import * as BarrierState from "./BarrierState.ts"
import * as Float64s from "./Float64s.ts"
import type { CellState, Claim, GameEvent } from "./GameEvent.ts"
import { KeptStates } from "./KeptStates.ts"
import { type NodeEntry, NodeRegister } from "./NodeRegister.ts"

export interface Grid {
  readonly width: number
  readonly height: number
  /** Only told to watchers. */
  readonly topology: string
  /** The number of states of a cell: 2 to 255. */
  readonly stateCount: number
}

const INITIAL = 32
const initialGrid: Grid = { width: INITIAL, height: INITIAL, topology: "", stateCount: 2 }

/** The callbacks for what an event has changed. */
export interface Consequences {
  /** Another game has begun, or, for a reason, a reset has no effect here. `request` identifies the reset. */
  readonly reset: (request: string, problem: CloseReason | undefined) => void
  readonly counted: (before: BarrierState.BarrierState, after: BarrierState.BarrierState) => void
  /** A worker has a cell, instead of any other worker. */
  readonly claimed: (node: string, topic: number, worker: number) => void
  /** A worker can't have a cell, because one that joined later has it. */
  readonly refused: (node: string, topic: number, worker: number) => void
  readonly published: (state: CellState) => void
  readonly publishedAll: (columns: RecordedStates) => void
  /** A node was removed: it left, or was silent for too long. */
  readonly removed: (node: string) => void
}

/** The JSON part of a snapshot. The kept states and the claims follow it, with 8 bytes for each cell each. */
interface Head {
  readonly epoch: number
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
  /** The epoch of which the last event was that has one. */
  #spoken = 0

  /**
   * Whether the game is that of the newest reset, as far as the log tells. If other nodes speak of a later epoch than the
   * position of the last reset that was folded here, this state is wrong.
   */
  get isNewest(): boolean {
    return this.#spoken <= this.epoch
  }

  apply(event: GameEvent, position: number, consequences: Consequences): void {
    if ("epoch" in event) this.#spoken = event.epoch
    switch (event.type) {
      case "states":
        if (event.epoch === this.epoch) for (const state of event.states) this.#publish(state, consequences)
        return
      case "columns":
        if (event.epoch === this.epoch) this.#publishAll(event.columns, consequences)
        return
      case "claims":
        if (event.epoch === this.epoch) for (const claim of event.claims) this.#claim(event.node, claim, consequences)
        return
      case "census":
        return this.#count(event, consequences)
      case "reset":
        return this.#reset(event, position, consequences)
      case "hello":
        return this.nodes.add(event.node)
      case "bye":
        return this.#remove(event.node, consequences)
    }
  }

  /** Returns to the state before any event, because the engine has lost the log. */
  forget(): void {
    this.epoch = this.#spoken = 0
    this.#asked = 0
    this.grid = initialGrid
    this.barrier = BarrierState.make(INITIAL * INITIAL)
    this.kept = new KeptStates(INITIAL * INITIAL, 2)
    this.nodes = new NodeRegister()
    this.#since = new Float64Array(INITIAL * INITIAL)
  }

  snapshot(): Uint8Array {
    const head: Head = {
      epoch: this.epoch,
      asked: this.#asked,
      grid: this.grid,
      barrier: this.barrier,
      nodes: this.nodes.entries()
    }
    const json = new TextEncoder().encode(JSON.stringify(head))
    const length = new Uint8Array(4)
    new DataView(length.buffer).setUint32(0, json.length)
    return Buffer.concat([length, json, this.kept.bytes(), Float64s.bytes(this.#since)])
  }

  restore(snapshot: Uint8Array): void {
    const length = new DataView(snapshot.buffer, snapshot.byteOffset).getUint32(0)
    const head: Head = JSON.parse(new TextDecoder().decode(snapshot.subarray(4, 4 + length)))
    this.epoch = this.#spoken = head.epoch
    this.#asked = head.asked
    // A snapshot of an older version has no number of states: it is two.
    this.grid = { ...initialGrid, ...head.grid }
    this.barrier = head.barrier
    const cells = snapshot.subarray(4 + length)
    this.kept = KeptStates.ofBytes(cells.subarray(0, cells.length / 2), this.grid.stateCount)
    this.#since = Float64s.ofBytes(cells.subarray(cells.length / 2))
    this.nodes = new NodeRegister(head.nodes)
  }

  #publish(state: CellState, consequences: Consequences): void {
    if (state.topic >= this.kept.cells || state.state >= this.grid.stateCount) return
    this.kept.keep(state.topic, state.step, state.state)
    consequences.published(state)
  }

  #publishAll(columns: RecordedStates, consequences: Consequences): void {
    const { cells, generation, states } = columns
    const { kept } = this
    const { stateCount } = this.grid
    if (generation === undefined || cells.length !== kept.cells)
      for (let at = 0; at < cells.length; at++) if (cells[at]! >= kept.cells || states[at]! >= stateCount) return
    kept.keepAll(columns)
    consequences.publishedAll(columns)
  }

  #claim(node: string, { since, topic, worker }: Claim, consequences: Consequences): void {
    // A node that was cut off may write an old claim, whose cell another worker has had for long.
    if (since < this.#since[topic]!) return consequences.refused(node, topic, worker)
    this.#since[topic] = since
    consequences.claimed(node, topic, worker)
  }

  #count({ census, epoch, node }: Extract<GameEvent, { readonly type: "census" }>, consequences: Consequences): void {
    if (epoch !== this.epoch) return
    const change = this.nodes.count(node, census)
    if (change !== undefined) this.#change(change, consequences)
  }

  #change(change: Parameters<typeof BarrierState.count>[1], consequences: Consequences): void {
    const before = this.barrier
    this.barrier = BarrierState.count(before, change)
    consequences.counted(before, this.barrier)
  }

  #reset(
    { asked = 0, height, request, states = 2, topology, width }: Extract<GameEvent, { readonly type: "reset" }>,
    position: number,
    consequences: Consequences
  ): void {
    // Two nodes write the resets of two requests in any order. The list of games has the size of the later request.
    if (asked < this.#asked) return consequences.reset(request, CloseReason.NewGame)
    const arrays = arraysOf(width * height, states)
    // The entry stays in the log, and each start of this node would fail at it. If other nodes have room, they go on in this
    // game, and `isNewest` is false here until the next reset.
    if (arrays === undefined) return consequences.reset(request, CloseReason.NoRoom)
    this.#asked = asked
    this.epoch = position
    this.grid = { width, height, topology, stateCount: states }
    this.barrier = BarrierState.make(width * height)
    this.kept = arrays.kept
    this.#since = arrays.since
    this.nodes.clearCounts()
    consequences.reset(request, undefined)
  }

  #remove(node: string, consequences: Consequences): void {
    const change = this.nodes.remove(node)
    if (change === undefined) return
    this.#change(change, consequences)
    consequences.removed(node)
  }
}
