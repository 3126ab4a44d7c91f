/**
 * An engine in memory with the faults of networks and servers: it loses entries, keeps them twice, delivers them late
 * and to each reader at another time, disconnects, drops its oldest or its newest entries, refuses entries and snapshots,
 * and loses all its data. A seed decides when.
 */
import * as Effect from "effect/Effect"
import type { Break, EngineReader, LogEngine, LogPosition } from "../../src/Log/LogEngine.ts"
import { LogError } from "../../src/Log/LogError.ts"
import { randomOf } from "../Chaos/Chaos.ts"

export interface Faults {
  readonly lost: number
  readonly repeated: number
  /** The most milliseconds until an entry reaches a reader. */
  readonly delay: number
}

interface Entry {
  readonly bytes: Uint8Array
  readonly key: string | undefined
  readonly mark: string
  readonly isLost?: boolean
}

interface Stored {
  origin: number
  /** The position of the first of `entries`. */
  first: number
  entries: Array<Entry>
  /** The position of the newest entry of each key that was dropped. */
  dropped: Map<string | undefined, number>
  snapshots: Map<string | undefined, Uint8Array>
  readers: Set<{ readonly notify: () => void; readonly check: () => void }>
}

/** A process that uses the engine. */
export interface EngineProcess {
  readonly engine: LogEngine
  /** Whether it can't reach the engine. */
  isCut: boolean
  /** Whether it gets no entries, although it reaches the engine. */
  isDeaf: boolean
}

export class FaultyEngine {
  isAway = false
  /** Whether it takes no entries, although it can be reached. */
  refuses = false
  /** Whether it takes no snapshots. */
  refusesSnapshots = false
  readonly #logs = new Map<string, Stored>()
  readonly #random: () => number
  readonly #faults: Faults
  #marks = 0

  constructor(seed: number, faults: Faults) {
    this.#random = randomOf(seed)
    this.#faults = faults
  }

  /** Loses a log. */
  wipe(name: string): void {
    const log = this.#log(name)
    log.origin++
    log.first = 1
    log.entries = []
    log.dropped.clear()
    log.snapshots.clear()
    for (const { notify } of log.readers) notify()
  }

  /** Drops the oldest entries of a log, all but `rest`. */
  truncate(name: string, rest: number): void {
    const log = this.#log(name)
    const dropped = Math.max(0, log.entries.length - rest)
    for (let n = 0; n < dropped; n++) log.dropped.set(log.entries[n]!.key, log.first + n)
    log.first += dropped
    log.entries = log.entries.slice(dropped)
  }

  /** Loses an entry in the middle of a log: the last one but `after`. */
  loseOne(name: string, after: number): void {
    const { entries } = this.#log(name)
    const index = entries.length - 1 - after
    entries[index] = { ...entries[index]!, isLost: true }
  }

  /** Loses the newest entries of a log, as in a power cut. Its readers connect again when `reconnect` is called. */
  goBack(name: string, lost: number): void {
    const log = this.#log(name)
    log.entries = log.entries.slice(0, Math.max(0, log.entries.length - lost))
  }

  reconnect(): void {
    for (const log of this.#logs.values()) for (const { check } of [...log.readers]) check()
  }

  loseSnapshots(name: string): void {
    this.#log(name).snapshots.clear()
  }

  lengthOf(name: string): number {
    return this.#log(name).entries.length
  }

  /** Another process of the engine. */
  process(): EngineProcess {
    const made: EngineProcess = {
      engine: {
        open: (name, key) => this.#open(made, name, key),
        names: Effect.sync(() =>
          [...this.#logs].flatMap(([name, { entries, first }]) => (entries.length > 0 || first > 1 ? [name] : []))
        ),
        remove: (name) => Effect.sync(() => this.wipe(name)),
        scan: this.#scan
      },
      isCut: false,
      isDeaf: false
    }
    return made
  }

  readonly #open = (process: EngineProcess, name: string, key: string | undefined) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const log = this.#log(name)
        let origin = log.origin
        let place: LogPosition = { position: 0, through: 0, mark: "" }
        let reader: EngineReader | undefined
        let timer: NodeJS.Timeout | undefined
        const isAway = () => this.isAway || process.isCut
        const broken = (why: Break) => {
          const reported = reader
          reader = undefined
          clearTimeout(timer)
          timer = undefined
          reported?.broken(why)
        }
        /** Where reading goes on: what came after an entry that is kept can be read again. */
        const compare = (at: LogPosition): LogPosition | Break => {
          const { mark, position } = at
          const entry = log.entries[position - log.first]
          const through = entry === undefined ? at.through : position
          if (through > log.first + log.entries.length - 1) return "back"
          if (through + 1 < log.first) return "missed"
          const between = log.entries.slice(Math.max(0, position + 1 - log.first), through + 1 - log.first)
          if (between.some((entry) => entry.key === key)) return "back"
          return entry === undefined || mark === "" || entry.mark === mark ? { ...at, through } : "back"
        }
        const give = () => {
          timer = undefined
          if (isAway() || process.isDeaf || reader === undefined) return
          if (origin !== log.origin) {
            origin = log.origin
            return broken("replaced")
          }
          // As with a consumer of one key, dropped entries of other keys are not missed.
          if (place.through < (log.dropped.get(key) ?? 0)) return broken("missed")
          place = { ...place, through: Math.max(place.through, log.first - 1) }
          const last = log.first + log.entries.length - 1
          const some = Math.ceil(this.#random() * (last - place.through))
          for (let n = 0; n < some && reader !== undefined; n++) {
            const position = place.through + 1
            const entry = log.entries[position - log.first]!
            if (entry.isLost === true && key === undefined) return broken("missed")
            if (entry.key !== key) {
              place = { ...place, through: position }
              continue
            }
            place = { position, through: position, mark: entry.mark }
            reader.entry({ bytes: entry.bytes, position, size: entry.bytes.length })
          }
          if (place.through < last) schedule()
        }
        const schedule = () => {
          timer ??= setTimeout(give, this.#random() * this.#faults.delay)
        }
        const watcher = {
          notify: schedule,
          check: () => {
            if (reader === undefined || isAway()) return
            const from = compare(place)
            if (typeof from === "string") return broken(from)
            place = from
            schedule()
          }
        }
        log.readers.add(watcher)
        const answer = <A>(f: () => A) => (isAway() ? Promise.reject(new Error("away")) : Promise.resolve(f()))
        return {
          origin: () => String(origin),
          isConnected: () => !isAway(),
          keep: 1_000_000,
          publish: (bytes: Uint8Array) => {
            if (isAway() || this.refuses || this.#random() < this.#faults.lost) return
            this.#push(log, bytes, key)
            if (this.#random() < this.#faults.repeated) this.#push(log, bytes, key)
          },
          bounds: () => {
            if (isAway()) return Promise.reject(new Error("away"))
            if (origin !== log.origin) {
              origin = log.origin
              broken("replaced")
              return Promise.reject(new Error("replaced"))
            }
            const index = log.entries.findLastIndex((entry) => entry.key === key)
            const last = index < 0 ? (key === undefined ? log.first - 1 : 0) : log.first + index
            const end = log.first + log.entries.length - 1
            if (last <= place.position) place = { ...place, through: Math.max(place.through, end) }
            return Promise.resolve({ first: log.first, last })
          },
          joins: (at: LogPosition) =>
            answer(() => {
              const from = compare(at)
              return typeof from === "string" ? from : "joins"
            }),
          read: (after: LogPosition, given: EngineReader) => {
            const from = compare(after)
            place = typeof from === "string" ? { ...after, through: Math.max(after.position, after.through) } : from
            reader = given
            schedule()
          },
          place: () => place,
          loadSnapshot: () => answer(() => log.snapshots.get(key)),
          saveSnapshot: (snapshot: Uint8Array) =>
            this.refusesSnapshots
              ? Promise.reject(new Error("no room"))
              : answer(() => void log.snapshots.set(key, snapshot)),
          stop: () => {
            clearTimeout(timer)
            reader = undefined
            log.readers.delete(watcher)
          }
        }
      }),
      ({ stop }) => Effect.sync(stop)
    )

  readonly #scan = (
    name: string,
    key: string | undefined,
    from: number,
    each: (bytes: Uint8Array, position: number) => boolean
  ) =>
    Effect.suspend(() => {
      if (this.isAway) return Effect.fail(new LogError({ reason: "Unreachable", detail: "away" }))
      const { entries, first } = this.#log(name)
      for (const [index, entry] of entries.entries())
        if (entry.key === key && first + index >= from && !each(entry.bytes, first + index)) break
      return Effect.void
    })

  #push(log: Stored, bytes: Uint8Array, key: string | undefined): void {
    log.entries.push({ bytes: Uint8Array.from(bytes), key, mark: String(++this.#marks) })
    for (const { notify } of log.readers) notify()
  }

  #log(name: string): Stored {
    const known = this.#logs.get(name)
    if (known !== undefined) return known
    const made: Stored = {
      origin: 1,
      first: 1,
      entries: [],
      dropped: new Map(),
      snapshots: new Map(),
      readers: new Set()
    }
    this.#logs.set(name, made)
    return made
  }
}
