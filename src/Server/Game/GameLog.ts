/**
 * Writes a node's events to the log of a game. With the log in memory each event is appended at once, and is folded
 * before the function returns. With a shared log, the events of a chunk of messages are gathered and appended as one
 * entry when the chunk is done, or a little later.
 */
import { randomBytes } from "node:crypto"
import type { Log, LogHealth } from "../../Log/Log.ts"
import type { AskedReset, CellState, Census, Claim, GameEvent } from "./GameEvent.ts"
import type { GameState } from "./GameState.ts"

/** The bytes of states after which another entry begins. Engines take 1 MiB. */
const BYTES_PER_ENTRY = 512 * 1024
/** The bytes of a state in an entry, beside its text. */
const BYTES_PER_STATE = 10
/** The most claims of one entry. */
const CLAIMS_PER_ENTRY = 8192

/**
 * The time for which events are gathered into one entry, in milliseconds: for each of this node's workers, and at most.
 * Few large entries cost all nodes and the engine much less than many small ones. A step takes a node longer than this
 * anyway, and a small game does not wait.
 */
const GATHER = 0.008
const MAX_GATHER = 10

/** With more bytes than this on their way to the log and back, workers are not read. */
const FULL = 8 * 1024 * 1024

const unopened: LogHealth = {
  connected: false,
  continuous: false,
  failed: false,
  behind: 0,
  pending: 0,
  pendingBytes: 0
}

export interface GameLogContext {
  /** The name of this process in logs. */
  readonly name: string
  readonly isShared: boolean
  /** The folded state, whose epoch goes into events. */
  readonly state: Pick<GameState, "epoch">
  readonly census: () => Census
  /** Calls back after `milliseconds`; if these are below one, when the chunk of messages is done. */
  readonly later: (callback: () => void, milliseconds: number) => void
  /** Called with `true` when the log can't keep up, so workers must not be read, and with `false` when it can again. */
  readonly setPaused: (isPaused: boolean) => void
}

export class GameLog {
  /** This node's name in the log. It changes when the other nodes removed this one. */
  node: string
  /** Undefined before `begin`: until then no worker can join, and nothing is written. */
  #log: Log<GameEvent> | undefined = undefined
  readonly #context: GameLogContext
  #states: Array<CellState> = []
  #claims: Array<Claim> = []
  #isCountDue = false
  #isScheduled = false
  #requests = 0
  #published = 0
  #isPaused = false
  #hasLeft = false

  constructor(context: GameLogContext) {
    this.#context = context
    this.node = this.#newNode()
  }

  get isBegun(): boolean {
    return this.#log !== undefined
  }

  get hasLeft(): boolean {
    return this.#hasLeft
  }

  get published(): number {
    return this.#published
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** The health of the log: how many entries of this node have not come back, and how far it is behind. */
  health(): LogHealth {
    return this.#log?.unsafeHealth() ?? unopened
  }

  /** Joins the game. Must be called when this node has read the log to its end. */
  begin(log: Log<GameEvent>): void {
    this.#log = log
    this.#append({ type: "hello", node: this.node })
  }

  bye(): void {
    this.#hasLeft = true
    this.#flush()
    this.#append({ type: "bye", node: this.node })
  }

  position(): number {
    return this.#log?.unsafePosition() ?? 0
  }

  /** Joins again under another name, without events that wait. The other nodes need not wait for the old one. */
  rename(): void {
    const { node } = this
    this.node = this.#newNode()
    this.restart()
    if (this.#isPaused) this.#setPaused(false)
    this.#append({ type: "bye", node })
    this.#append({ type: "hello", node: this.node })
  }

  /** Another game has begun: events of the last one are dropped. */
  restart(): void {
    this.#states = []
    this.#claims = []
  }

  newRequest(): string {
    return `${this.node}.${this.#requests++}`
  }

  reset(request: string, { asked, height, stateCount, topology, width }: AskedReset): void {
    const more = { ...(stateCount === 2 ? {} : { states: stateCount }), ...(asked === undefined ? {} : { asked }) }
    this.#append({ type: "reset", request, width, height, topology, ...more })
  }

  publish(state: CellState): void {
    this.#published++
    if (!this.#context.isShared)
      return this.#append({ type: "states", epoch: this.#context.state.epoch, states: [state] })
    this.#states.push(state)
    this.#schedule()
  }

  claim(claim: Claim): void {
    if (!this.#context.isShared)
      return this.#append({ type: "claims", node: this.node, epoch: this.#context.state.epoch, claims: [claim] })
    this.#claims.push(claim)
    this.#schedule()
  }

  count(): void {
    if (!this.#context.isShared) return this.#census()
    this.#isCountDue = true
    this.#schedule()
  }

  /** Another node is silent: it is no longer in the game. */
  remove(node: string): void {
    if (this.health().connected) this.#append({ type: "bye", node })
  }

  /** Must be called when an event was read. */
  heard(): void {
    if (this.#isPaused && this.health().pendingBytes < FULL / 2) this.#setPaused(false)
  }

  whenCurrent(callback: () => void): void {
    this.#log?.unsafeWhenCurrent(callback)
  }

  #append(event: GameEvent): void {
    this.#log?.unsafeAppend(event)
  }

  #newNode(): string {
    return `${this.#context.name}.${randomBytes(3).toString("hex")}`
  }

  #setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused
    this.#context.setPaused(isPaused)
  }

  #census(): void {
    const { census, state } = this.#context
    this.#append({ type: "census", node: this.node, epoch: state.epoch, census: census() })
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    const { census, later } = this.#context
    later(() => this.#flush(), Math.min(MAX_GATHER, census().connected * GATHER))
  }

  /** Claims come first, because a worker must have claimed its cell before its states count. */
  #flush(): void {
    this.#isScheduled = false
    // The game begins again on this node, without its workers. What they said would be of another game.
    if (!this.health().continuous) return this.restart()
    const epoch = this.#context.state.epoch
    if (this.#isCountDue) this.#census()
    this.#isCountDue = false
    const [claims, states] = [this.#claims, this.#states]
    this.#claims = []
    this.#states = []
    for (let at = 0; at < claims.length; at += CLAIMS_PER_ENTRY)
      this.#append({ type: "claims", node: this.node, epoch, claims: claims.slice(at, at + CLAIMS_PER_ENTRY) })
    let from = 0
    let bytes = 0
    for (let at = 0; at < states.length; at++) {
      bytes += BYTES_PER_STATE + (states[at]!.text?.length ?? 0)
      if (bytes < BYTES_PER_ENTRY && at + 1 < states.length) continue
      this.#append({
        type: "states",
        epoch,
        states: from === 0 && at + 1 === states.length ? states : states.slice(from, at + 1)
      })
      from = at + 1
      bytes = 0
    }
    if (!this.#isPaused && this.health().pendingBytes > FULL) this.#setPaused(true)
  }
}
