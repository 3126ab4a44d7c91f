/**
 * Logs in the memory of this process. The reader gets an entry before `unsafeAppend` returns, and gets the same object,
 * so a log costs no more than a function call.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { GuardedReader } from "./GuardedReader.ts"
import { type Codec, type Log, type LogHealth, Logs, type OpenOptions } from "./Log.ts"

export interface MemoryLogsOptions {
  /** Bytes of entries that each log keeps for later readers. The oldest are dropped first. 0, the default: none. */
  readonly keep: number
}

const defaults: MemoryLogsOptions = { keep: 0 }

interface Kept {
  readonly bytes: Uint8Array
  readonly position: number
}

/** Entries are kept as bytes, because a later reader may be another part of the program, with types of its own. */
class MemoryLog {
  position = 0
  readonly readers = new Set<GuardedReader<unknown>>()
  readonly #keep: number
  #kept: Array<Kept> = []
  #first = 0
  #bytes = 0
  #waiting: Array<unknown> | undefined = undefined

  constructor(keep: number) {
    this.#keep = keep
  }

  append(entry: unknown, codec: Codec<unknown>): void {
    // An entry that a reader appends is delivered to all readers after the present one.
    if (this.#waiting !== undefined) return void this.#waiting.push(entry)
    this.#waiting = []
    try {
      this.#give(entry, codec)
      for (let next = 0; next < this.#waiting.length; next++) this.#give(this.#waiting[next], codec)
    } finally {
      this.#waiting = undefined
    }
  }

  kept(from: number): ReadonlyArray<Kept> {
    return this.#kept.slice(this.#first).filter(({ position }) => position >= from)
  }

  #give(entry: unknown, codec: Codec<unknown>): void {
    const position = ++this.position
    if (this.#keep > 0) this.#retain({ bytes: codec.encode(entry), position })
    for (const reader of this.readers) reader.entry(entry, position)
  }

  #retain(kept: Kept): void {
    this.#kept.push(kept)
    this.#bytes += kept.bytes.length
    while (this.#bytes > this.#keep) this.#bytes -= this.#kept[this.#first++]!.bytes.length
    if (this.#first * 2 < this.#kept.length) return
    this.#kept = this.#kept.slice(this.#first)
    this.#first = 0
  }
}

const healthy: LogHealth = { connected: true, behind: 0, pending: 0, pendingBytes: 0 }

const make = ({ keep }: MemoryLogsOptions): typeof Logs.Service => {
  const logs = new Map<string, MemoryLog>()
  const logOf = (name: string): MemoryLog => {
    const known = logs.get(name)
    if (known !== undefined) return known
    const made = new MemoryLog(keep)
    logs.set(name, made)
    return made
  }
  const open = <A>(name: string, { codec, reader }: OpenOptions<A>) =>
    Effect.acquireRelease(
      Effect.map(GuardedReader.make(name, codec, reader), (guarded) => {
        const log = logOf(name)
        const state = guarded.restores ? late(log)?.snapshot() : undefined
        if (state !== undefined) guarded.restore(state, log.position)
        else for (const { bytes, position } of log.kept(0)) guarded.bytes(bytes, position)
        const opened: Log<A> = {
          name,
          unsafeAppend: (entry) => log.append(entry, codec as Codec<unknown>),
          unsafePosition: () => log.position,
          unsafeWhenCurrent: (callback) => callback(),
          unsafeHealth: () => (guarded.hasFailed ? { ...healthy, connected: false } : healthy)
        }
        log.readers.add(guarded as GuardedReader<unknown>)
        return { guarded, opened }
      }),
      ({ guarded }) => Effect.sync(() => void logs.get(name)?.readers.delete(guarded as GuardedReader<unknown>))
    ).pipe(Effect.map(({ opened }) => opened))
  return Logs.of({
    isShared: false,
    open,
    remove: (name) => Effect.sync(() => void logs.delete(name)),
    scan: (name, codec, from, each) =>
      Effect.sync(() => {
        for (const { bytes, position } of logs.get(name)?.kept(from) ?? []) {
          const entry = codec.decode(bytes)
          if (entry !== undefined && !each(entry, position)) return
        }
      })
  })
}

/** A reader that has the present state and can make a snapshot of it. */
const late = (log: MemoryLog): GuardedReader<unknown> | undefined =>
  [...log.readers].find(({ makesSnapshots }) => makesSnapshots)

/** Logs in memory, which live as long as the layer. */
export const layer = (options?: Partial<MemoryLogsOptions>): Layer.Layer<Logs> =>
  Layer.sync(Logs, () => make({ ...defaults, ...options }))
