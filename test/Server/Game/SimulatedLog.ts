/**
 * A log for simulated nodes. Entries are in transit before they are in the log, in their writer's order. Those of a
 * node that dies may be lost. Each reader is as far behind as the simulation lets it be.
 */
import type { Codec, Log } from "../../../src/Log/Log.ts"

/**
 * The rules of the protocol. `echo`: states are delivered when they come back. `current`: a worker joins when its node
 * has read everything in the log. `silence`: silent nodes are removed. `epoch`: events for an earlier game are ignored.
 * `two`: two states of each cell are kept. `joined`: of two workers of the same cell, the one that joined later has it.
 * `continuous`: a node that missed entries begins again at a snapshot. `ready`: a node that does not read what is in the log
 * says that it is not ready, and is replaced.
 */
export const rules = ["echo", "current", "silence", "epoch", "two", "joined", "continuous", "ready"] as const
export type Rule = (typeof rules)[number]

export interface SimulatedSnapshot {
  readonly state: Uint8Array
  readonly position: number
}

export class SimulatedLog {
  /** The entries that are kept. */
  entries: Array<Uint8Array> = []
  /** The entries that were dropped before them. */
  dropped = 0
  snapshot: SimulatedSnapshot | undefined

  get end(): number {
    return this.dropped + this.entries.length
  }

  /** Drops the oldest entries, up to a position. */
  truncate(position: number, snapshot: SimulatedSnapshot): void {
    this.snapshot = snapshot
    this.entries = this.entries.slice(Math.max(0, position - this.dropped))
    this.dropped = Math.max(this.dropped, position)
  }
}

interface ReaderOptions<A> {
  readonly log: SimulatedLog
  readonly codec: Codec<A>
  readonly position: number
  readonly left: Rule | undefined
  readonly read: (entry: A, position: number) => void
  readonly restore: (state: Uint8Array) => void
  /** Whether an entry is read before it came back, if that rule is left out. */
  readonly isEarly: (entry: A) => boolean
}

/** The part of a log that each node has: its entries in transit, and how far it has read. */
export class SimulatedReader<A> implements Log<A> {
  readonly name = "simulated"
  position: number
  /** The entries that this node appended and the log does not have yet. */
  underWay: Array<Uint8Array> = []
  #waiting: Array<{ readonly end: number; readonly callback: () => void }> = []
  readonly #options: ReaderOptions<A>
  /** Entries that were read before they came back, if that rule is left out. */
  readonly #early = new Set<Uint8Array>()

  constructor(options: ReaderOptions<A>) {
    this.#options = options
    this.position = options.position
  }

  readonly unsafeAppend = (entry: A): void => {
    const { codec, isEarly, left, read } = this.#options
    const bytes = codec.encode(entry)
    this.underWay.push(bytes)
    if (left !== "echo" || !isEarly(entry)) return
    this.#early.add(bytes)
    read(entry, this.position)
  }

  readonly unsafeGeneration = (): string => "0"

  readonly unsafePosition = (): number => this.position

  readonly unsafeWhenCurrent = (callback: () => void): void => {
    if (this.#options.left === "current") return callback()
    this.#waiting.push({ end: this.#options.log.end, callback })
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
    return this.position < this.#options.log.end
  }

  /** Moves the oldest entries in transit into the log. */
  arrive(count: number): void {
    this.#options.log.entries.push(...this.underWay.splice(0, count))
  }

  /** Reads some more entries. */
  read(count: number): void {
    const { codec, left, log, read, restore } = this.#options
    if (this.position < log.dropped) {
      if (left === "continuous" || log.snapshot === undefined) this.position = log.dropped
      else {
        // Whether its own entries will be in the log is not known.
        this.underWay = []
        this.position = log.snapshot.position
        restore(log.snapshot.state)
      }
    }
    for (let n = 0; n < count && this.isBehind; n++) {
      const bytes = log.entries[this.position++ - log.dropped]!
      const entry = this.#early.has(bytes) ? undefined : codec.decode(bytes)
      if (entry !== undefined) read(entry, this.position)
      this.#answer()
    }
  }

  #answer(): void {
    const ready = this.#waiting.filter(({ end }) => end <= this.position)
    this.#waiting = this.#waiting.filter(({ end }) => end > this.position)
    for (const { callback } of ready) callback()
  }
}
