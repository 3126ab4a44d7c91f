/**
 * A node of a simulated game: the real parts over a simulated log. A rule may be left out, to show that it is
 * necessary.
 */
import type { PCGRandom } from "effect/Utils"
import { type GameParts, makeParts } from "../../../src/Server/Game/Game.ts"
import type { GameEvent } from "../../../src/Server/Game/GameEvent.ts"
import { KeptStates } from "../../../src/Server/Game/KeptStates.ts"
import type { StepSubscriber } from "../../../src/Server/Game/StepSubscriber.ts"
import type { WorkerConnection } from "../../../src/Server/Game/Worker.ts"
import { Deadlines } from "../../../src/WebSocket/Connection/Deadlines.ts"
import { type Rule, type SimulatedLog, SimulatedReader } from "./SimulatedLog.ts"

/** Keeps only one state of each cell. */
class OneKept extends KeptStates {
  override each(topic: number, use: (step: number, state: number) => void): void {
    let last: (() => void) | undefined
    super.each(topic, (step, state) => {
      last = () => use(step, state)
    })
    last?.()
  }
}

let names = 0

export class SimulatedNode {
  readonly parts: GameParts
  readonly reader: SimulatedReader
  /** Functions that append the gathered events. Empty while there are none. */
  #gathering: Array<() => void> = []
  readonly #silent = new Deadlines<WorkerConnection>(3_600_000, () => {})
  /** Its subscribers for which a part of a step is kept. */
  readonly incomplete = new Set<StepSubscriber>()
  isDead = false
  /** While the node is frozen, nothing happens in it. */
  isFrozen = false
  /** While the node is cut off, none of its entries reaches the log, and it reads nothing. */
  isCut = false

  constructor(log: SimulatedLog, left: Rule | undefined, from?: SimulatedNode) {
    this.parts = makeParts({
      name: `n${names++}`,
      isShared: true,
      console: { unsafeLine: () => {} },
      maxSubscriptions: 9,
      silent: this.#silent,
      incomplete: this.incomplete,
      later: (append) => void this.#gathering.push(append),
      report: () => {}
    })
    const { node, state } = this.parts
    if (from !== undefined) node.restore(from.parts.state.snapshot())
    this.reader = new SimulatedReader(log, from?.reader.position ?? 0, left, (event, position) => {
      node.read(without(left, event, state.epoch), position)
      if (left === "two" && event.type === "reset") state.kept = new OneKept(state.kept.cells, 2)
    })
    this.reader.unsafeWhenCurrent(() => this.parts.log.begin(this.reader))
  }

  get isAwake(): boolean {
    return !this.isDead && !this.isFrozen
  }

  /** The node accepts clients when it has read the log. */
  get isOpen(): boolean {
    return this.isAwake && this.parts.log.isBegun
  }

  /** Only some of its last entries reach the log. */
  kill(random: PCGRandom): void {
    this.isDead = true
    this.reader.arrive(random.integer(this.reader.underWay.length + 1))
    this.#silent.clear()
  }

  /** Appends the gathered events. */
  append(): void {
    const gathering = this.#gathering
    this.#gathering = []
    for (const append of gathering) append()
  }

  end(): void {
    this.#silent.clear()
  }
}

/** The event as it is applied if a rule is left out. */
const without = (left: Rule | undefined, event: GameEvent, epoch: number): GameEvent => {
  if (left === "epoch" && event.type === "states") return { ...event, epoch }
  if (left === "silence" && event.type === "census") return { ...event, isBeat: false }
  if (left === "joined" && event.type === "claims")
    return { ...event, claims: event.claims.map((claim) => ({ ...claim, since: 0 })) }
  return event
}
