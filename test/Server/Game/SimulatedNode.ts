/**
 * A node of a simulated game: the real parts over a simulated log. A rule may be left out, to show that it is
 * necessary.
 */
import type { PCGRandom } from "effect/Utils"
import type { Codec } from "../../../src/Log/Log.ts"
import { type GameParts, makeParts } from "../../../src/Server/Game/Game.ts"
import type { GameEvent } from "../../../src/Server/Game/GameEvent.ts"
import { codec } from "../../../src/Server/Game/GameEventCodec.ts"
import { KeptStates } from "../../../src/Server/Game/KeptStates.ts"
import { processOf } from "../../../src/Server/Game/NodeRegister.ts"
import type { StepSubscriber } from "../../../src/Server/Game/StepSubscriber.ts"
import type { WorkerConnection } from "../../../src/Server/Game/Worker.ts"
import { NodePresence } from "../../../src/Server/Games/NodePresence.ts"
import { ServerConsole } from "../../../src/Server/Operations/ServerConsole.ts"
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

/** The logs that all nodes share. */
export interface SimulatedLogs {
  readonly game: SimulatedLog
  /** The signs of life of all nodes: their names. */
  readonly signs: SimulatedLog
}

const nameCodec: Codec<string> = {
  encode: (name) => new TextEncoder().encode(name),
  decode: (bytes) => new TextDecoder().decode(bytes)
}

export class SimulatedNode {
  readonly name: string
  readonly parts: GameParts
  readonly reader: SimulatedReader<GameEvent>
  readonly signs: SimulatedReader<string>
  readonly #presence: NodePresence
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
  /** While the node is deaf, it reads nothing, but its entries reach the log. */
  isDeaf = false
  /** How often it was found to be behind the end of the log in a row. */
  late = 0

  constructor(logs: SimulatedLogs, left: Rule | undefined, from?: SimulatedNode) {
    const name = `n${names++}`
    this.name = name
    this.parts = makeParts({
      name,
      isShared: true,
      console: ServerConsole.plain(() => {}),
      maxSubscriptions: 9,
      silent: this.#silent,
      incomplete: this.incomplete,
      later: (append) => void this.#gathering.push(append),
      report: () => {}
    })
    const { node, state } = this.parts
    const { snapshot } = logs.game
    if (from !== undefined) node.restore(from.parts.state.snapshot())
    else if (snapshot !== undefined) node.restore(snapshot.state)
    this.reader = new SimulatedReader({
      log: logs.game,
      codec,
      position: from?.reader.position ?? snapshot?.position ?? 0,
      left,
      restore: (state) => node.restore(state),
      isEarly: ({ type }) => type === "states",
      read: (event, position) => {
        node.entry(without(left, event, state.epoch), position)
        if (left === "two" && event.type === "reset") state.kept = new OneKept(state.kept.cells, 2)
      }
    })
    this.#presence = new NodePresence({
      node: name,
      sign: () => this.signs.unsafeAppend(name),
      known: () => state.nodes.names.map(processOf),
      silent: (silent) => {
        if (left !== "silence") node.removeSilent(silent)
      }
    })
    this.signs = new SimulatedReader({
      log: logs.signs,
      codec: nameCodec,
      position: from?.signs.position ?? 0,
      left: undefined,
      restore: () => {},
      isEarly: () => false,
      read: (name) => this.#presence.heard(name, true)
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
    for (const reader of [this.reader, this.signs]) reader.arrive(random.integer(reader.underWay.length + 1))
    this.#silent.clear()
  }

  /** Must be called once a beat. */
  sign(): void {
    this.#presence.sign()
    this.parts.node.removeSilent(this.name)
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
  if (left === "joined" && event.type === "claims")
    return { ...event, claims: event.claims.map((claim) => ({ ...claim, since: 0 })) }
  return event
}
