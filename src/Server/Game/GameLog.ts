/**
 * What a node writes to the log of a game. With the log in memory an event is folded before the function returns, so each is
 * appended as it comes. A log that others share takes entries: what is said in a chunk of messages is gathered, and
 * appended when the chunk is done.
 */
import { randomBytes } from "node:crypto"
import type { Log } from "../../Log/Log.ts"
import type { Reset } from "../../Protocol/Protocol0.ts"
import type { CellState, Census, Claim, GameEvent } from "./GameEvent.ts"

/** States of one entry, at most: 512 KiB, where engines take 1 MiB. */
const MOST = 65_536
/** Beats that may be under way: those of a node that was cut off do not all come at once, and outvote who lives. */
const BEATS = 3

const newNode = () => randomBytes(6).toString("hex")

/** What of the fold goes into events. */
export interface Facts {
  readonly epoch: () => number
  readonly census: () => Census
}

export class GameLog {
  /** This node's name in the log; another one when it was taken for dead. */
  node = newNode()
  /** Before it is begun nobody can join, and nothing is said. */
  #log: Log<GameEvent> | undefined = undefined
  readonly #facts: Facts
  readonly #isShared: boolean
  #states: Array<CellState> = []
  #claims: Array<Claim> = []
  #isCountDue = false
  #isScheduled = false
  #beats = 0
  #requests = 0

  constructor(facts: Facts, isShared: boolean) {
    this.#facts = facts
    this.#isShared = isShared
  }

  /** This node takes part. To be called when it has read the log to its end. */
  begin(log: Log<GameEvent>): void {
    this.#log = log
    this.#append({ type: "hello", node: this.node })
  }

  bye(): void {
    this.#flush()
    this.#append({ type: "bye", node: this.node })
  }

  /** Takes part under another name, with nothing under way. */
  rename(): void {
    this.node = newNode()
    this.#states = []
    this.#claims = []
    this.#beats = 0
    this.#append({ type: "hello", node: this.node })
  }

  newRequest(): string {
    return `${this.node}.${this.#requests++}`
  }

  reset(request: string, { height, topology, width }: Reset): void {
    this.#append({ type: "reset", request, width, height, topology })
  }

  say(state: CellState): void {
    if (!this.#isShared) return this.#append({ type: "states", epoch: this.#facts.epoch(), states: [state] })
    this.#states.push(state)
    this.#schedule()
  }

  claim(claim: Claim): void {
    if (!this.#isShared)
      return this.#append({ type: "claims", node: this.node, epoch: this.#facts.epoch(), claims: [claim] })
    this.#claims.push(claim)
    this.#schedule()
  }

  /** The census changed. */
  count(): void {
    if (!this.#isShared) return this.#census(false)
    this.#isCountDue = true
    this.#schedule()
  }

  /** To be called every second, where the log is shared. */
  beat(): void {
    if (this.#beats >= BEATS || this.#log?.unsafeHealth().connected !== true) return
    this.#beats++
    this.#census(true)
  }

  /** An own beat has come back. */
  heardBeat(): void {
    this.#beats = Math.max(0, this.#beats - 1)
  }

  whenCurrent(callback: () => void): void {
    this.#log?.unsafeWhenCurrent(callback)
  }

  #append(event: GameEvent): void {
    this.#log?.unsafeAppend(event)
  }

  #census(isBeat: boolean): void {
    const { census, epoch } = this.#facts
    this.#append({ type: "census", node: this.node, epoch: epoch(), census: census(), isBeat })
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(() => this.#flush())
  }

  /** Claims come first: whoever speaks has claimed its cell. Nothing was folded since they were gathered. */
  #flush(): void {
    this.#isScheduled = false
    const epoch = this.#facts.epoch()
    if (this.#isCountDue) this.#census(false)
    this.#isCountDue = false
    const [claims, states] = [this.#claims, this.#states]
    this.#claims = []
    this.#states = []
    for (let at = 0; at < claims.length; at += CLAIMS)
      this.#append({ type: "claims", node: this.node, epoch, claims: claims.slice(at, at + CLAIMS) })
    for (let at = 0; at < states.length; at += MOST)
      this.#append({ type: "states", epoch, states: states.slice(at, at + MOST) })
  }
}

/** Claims of one entry, at most. */
const CLAIMS = 8192
