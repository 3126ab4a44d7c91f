/**
 * An engine in memory with the faults of networks and servers: it loses entries, keeps them twice, delivers them late
 * and to each reader at another time, disconnects, and loses all its data. A seed decides when.
 */
import * as Effect from "effect/Effect"
import type { EngineReader, LogEngine } from "../../src/Log/LogEngine.ts"
import { LogError } from "../../src/Log/LogError.ts"
import { randomOf } from "../Chaos/Chaos.ts"

export interface Faults {
  readonly lost: number
  readonly repeated: number
  /** The most milliseconds until an entry reaches a reader. */
  readonly delay: number
}

interface Stored {
  generation: number
  entries: Array<Uint8Array>
  snapshot: Uint8Array | undefined
  readers: Set<() => void>
}

export class FaultyEngine implements LogEngine {
  isAway = false
  readonly #logs = new Map<string, Stored>()
  readonly #random: () => number
  readonly #faults: Faults

  constructor(seed: number, faults: Faults) {
    this.#random = randomOf(seed)
    this.#faults = faults
  }

  /** Loses a log. */
  wipe(name: string): void {
    const log = this.#log(name)
    log.generation++
    log.entries = []
    log.snapshot = undefined
    for (const notify of log.readers) notify()
  }

  readonly open = (name: string) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const log = this.#log(name)
        let generation = log.generation
        let next = 0
        let reader: EngineReader | undefined
        let timer: NodeJS.Timeout | undefined
        const give = () => {
          timer = undefined
          if (this.isAway || reader === undefined) return
          if (generation !== log.generation) {
            generation = log.generation
            next = 0
            reader.replaced()
          }
          const some = Math.ceil(this.#random() * (log.entries.length - next))
          for (let n = 0; n < some; n++) {
            const bytes = log.entries[next++]!
            reader.entry(bytes, next)
          }
          if (next < log.entries.length) schedule()
        }
        const schedule = () => {
          timer ??= setTimeout(give, this.#random() * this.#faults.delay)
        }
        log.readers.add(schedule)
        return {
          generation: () => String(generation),
          isConnected: () => !this.isAway,
          publish: (bytes: Uint8Array) => {
            if (this.isAway || this.#random() < this.#faults.lost) return
            log.entries.push(Uint8Array.from(bytes))
            if (this.#random() < this.#faults.repeated) log.entries.push(Uint8Array.from(bytes))
            for (const notify of log.readers) notify()
          },
          end: () =>
            this.isAway || generation !== log.generation
              ? Promise.reject(new Error("away"))
              : Promise.resolve(log.entries.length),
          first: () => Promise.resolve(1),
          read: (from: number, given: EngineReader) => {
            next = from - 1
            reader = given
            schedule()
          },
          loadSnapshot: () => Promise.resolve(log.snapshot),
          saveSnapshot: (snapshot: Uint8Array) => {
            log.snapshot = snapshot
            return Promise.resolve()
          },
          stop: () => {
            clearTimeout(timer)
            reader = undefined
            log.readers.delete(schedule)
          }
        }
      }),
      ({ stop }) => Effect.sync(stop)
    )

  readonly remove = (name: string) => Effect.sync(() => this.wipe(name))

  readonly scan = (name: string, from: number, each: (bytes: Uint8Array, position: number) => boolean) =>
    Effect.suspend(() => {
      if (this.isAway) return Effect.fail(new LogError({ reason: "Unreachable", detail: "away" }))
      const { entries } = this.#log(name)
      for (let at = Math.max(1, from); at <= entries.length; at++) if (!each(entries[at - 1]!, at)) break
      return Effect.void
    })

  #log(name: string): Stored {
    const known = this.#logs.get(name)
    if (known !== undefined) return known
    const made: Stored = { generation: 1, entries: [], snapshot: undefined, readers: new Set() }
    this.#logs.set(name, made)
    return made
  }
}
