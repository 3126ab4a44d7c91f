/**
 * A log for simulated nodes. Entries are in transit before they are in the log, in their writer's order. Those of a
 * node that dies may be lost. Each reader is as far behind as the simulation lets it be.
 */
import type { Log } from "../../../src/Log/Log.ts"
import type { GameEvent } from "../../../src/Server/Game/GameEvent.ts"
import { codec } from "../../../src/Server/Game/GameEventCodec.ts"

/**
 * The rules of the protocol. `echo`: states are delivered when they come back. `current`: a worker joins when its node
 * has read everything in the log. `silence`: silent nodes are removed. `epoch`: events for an earlier game are ignored.
 * `two`: two states of each cell are kept. `joined`: of two workers of the same cell, the one that joined later has it.
 */
export const rules = ["echo", "current", "silence", "epoch", "two", "joined"] as const
export type Rule = (typeof rules)[number]

export class SimulatedLog {
  readonly entries: Array<Uint8Array> = []
}

/** The part of the log that each node has: its entries in transit, and how far it has read. */
export class SimulatedReader implements Log<GameEvent> {
  readonly name = "game"
  position: number
  /** The entries that this node appended and the log does not have yet. */
  readonly underWay: Array<Uint8Array> = []
  #waiting: Array<{ readonly end: number; readonly callback: () => void }> = []
  readonly #log: SimulatedLog
  readonly #left: Rule | undefined
  /** Entries that were read before they came back, if that rule is left out. */
  readonly #early = new Set<Uint8Array>()
  readonly #read: (event: GameEvent, position: number) => void

  constructor(
    log: SimulatedLog,
    position: number,
    left: Rule | undefined,
    read: (event: GameEvent, position: number) => void
  ) {
    this.#log = log
    this.position = position
    this.#left = left
    this.#read = read
  }

  readonly unsafeAppend = (event: GameEvent): void => {
    const bytes = codec.encode(event)
    this.underWay.push(bytes)
    if (this.#left !== "echo" || event.type !== "states") return
    this.#early.add(bytes)
    this.#read(event, this.position)
  }

  readonly unsafeGeneration = (): string => "0"

  readonly unsafePosition = (): number => this.position

  readonly unsafeWhenCurrent = (callback: () => void): void => {
    if (this.#left === "current") return callback()
    this.#waiting.push({ end: this.#log.entries.length, callback })
    this.#answer()
  }

  readonly unsafeHealth = () => ({
    connected: true,
    continuous: true,
    failed: false,
    behind: 0,
    pending: this.underWay.length,
    pendingBytes: 0
  })

  get isBehind(): boolean {
    return this.position < this.#log.entries.length
  }

  /** Moves the oldest entries in transit into the log. */
  arrive(count: number): void {
    this.#log.entries.push(...this.underWay.splice(0, count))
  }

  /** Reads some more entries. */
  read(count: number): void {
    for (let n = 0; n < count && this.isBehind; n++) {
      const bytes = this.#log.entries[this.position++]!
      const event = this.#early.has(bytes) ? undefined : codec.decode(bytes)
      if (event !== undefined) this.#read(event, this.position)
      this.#answer()
    }
  }

  #answer(): void {
    const ready = this.#waiting.filter(({ end }) => end <= this.position)
    this.#waiting = this.#waiting.filter(({ end }) => end > this.position)
    for (const { callback } of ready) callback()
  }
}
