/**
 * Logs in the memory of this process. The reader gets an entry before `unsafeAppend` returns, and gets the same object,
 * so a log costs no more than a function call.
 */
import { randomBytes } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { GuardedReader } from "./GuardedReader.ts"
import { type Codec, type Log, type LogHealth, Logs, type OpenOptions } from "./Log.ts"
import { checkNames } from "./LogNames.ts"

export interface MemoryLogsOptions {
  /** Bytes of entries that each log keeps for later readers. The oldest are dropped first. 0, the default: none. */
  readonly keep: number
}

interface Kept {
  readonly key: string | undefined
  readonly bytes: Uint8Array
  readonly position: number
}

/** The readers of a key, and the position of its last entry. */
interface KeyReaders {
  position: number
  readonly readers: Set<GuardedReader<unknown>>
}

/** Entries are kept as bytes, because a later reader may be another part of the program, with types of its own. */
class MemoryLog {
  readonly generation = randomBytes(6).toString("hex")
  readonly keys = new Map<string | undefined, KeyReaders>()
  #position = 0
  readonly #keep: number
  #kept: Array<Kept> = []
  #first = 0
  #bytes = 0
  #waiting: Array<() => void> | undefined = undefined

  constructor(keep: number) {
    this.#keep = keep
  }

  append(entry: unknown, codec: Codec<unknown>, key: string | undefined): void {
    // An entry that a reader appends is delivered to all readers after the present one.
    if (this.#waiting !== undefined) return void this.#waiting.push(() => this.#give(entry, codec, key))
    this.#waiting = []
    try {
      this.#give(entry, codec, key)
      for (let next = 0; next < this.#waiting.length; next++) this.#waiting[next]!()
    } finally {
      this.#waiting = undefined
    }
  }

  kept(from: number, key: string | undefined): ReadonlyArray<Kept> {
    return this.#kept.slice(this.#first).filter((each) => each.position >= from && each.key === key)
  }

  /** The readers of a key, also if there are none yet. */
  readersOf(key: string | undefined): KeyReaders {
    const known = this.keys.get(key)
    if (known !== undefined) return known
    const made: KeyReaders = { position: this.kept(0, key).at(-1)?.position ?? 0, readers: new Set() }
    this.keys.set(key, made)
    return made
  }

  leave(key: string | undefined, reader: GuardedReader<unknown>): void {
    const known = this.keys.get(key)
    known?.readers.delete(reader)
    if (known?.readers.size === 0) this.keys.delete(key)
  }

  #give(entry: unknown, codec: Codec<unknown>, key: string | undefined): void {
    const position = ++this.#position
    if (this.#keep > 0) this.#retain({ key, bytes: codec.encode(entry), position })
    const known = this.keys.get(key)
    if (known === undefined) return
    known.position = position
    for (const reader of known.readers) reader.entry(entry, position)
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

const healthy: LogHealth = { connected: true, continuous: true, failed: false, behind: 0, pending: 0, pendingBytes: 0 }
const failed: LogHealth = { ...healthy, connected: false, failed: true }

const make = ({ keep = 0 }: Partial<MemoryLogsOptions> = {}): Logs["Type"] => {
  const logs = new Map<string, MemoryLog>()
  const logOf = (name: string): MemoryLog => {
    const known = logs.get(name)
    if (known !== undefined) return known
    const made = new MemoryLog(keep)
    logs.set(name, made)
    return made
  }
  const open = <A>(name: string, { codec, key, reader }: OpenOptions<A>) =>
    Effect.acquireRelease(
      Effect.map(Effect.zipRight(checkNames(name, key), GuardedReader.make(name, codec, reader)), (guarded) => {
        const log = logOf(name)
        const known = log.readersOf(key)
        const state = guarded.restores ? late(known)?.snapshot() : undefined
        if (state !== undefined) guarded.restore(state, known.position)
        else for (const { bytes, position } of log.kept(0, key)) guarded.bytes(bytes, position)
        const opened: Log<A> = {
          name,
          unsafeAppend: (entry) => log.append(entry, codec as Codec<unknown>, key),
          unsafeGeneration: () => log.generation,
          unsafePosition: () => known.position,
          unsafeWhenCurrent: (callback) => callback(),
          unsafeHealth: () => (guarded.hasFailed ? failed : healthy)
        }
        known.readers.add(guarded as GuardedReader<unknown>)
        return { guarded, log, opened }
      }),
      ({ guarded, log }) => Effect.sync(() => log.leave(key, guarded as GuardedReader<unknown>))
    ).pipe(Effect.map(({ opened }) => opened))
  return Logs.of({
    isShared: false,
    open,
    names: Effect.sync(() => [...logs.keys()]),
    remove: (name) => Effect.sync(() => void logs.delete(name)),
    scan: (name, codec, from, each, key) =>
      Effect.sync(() => {
        for (const { bytes, position } of logs.get(name)?.kept(from, key) ?? []) {
          const entry = codec.decode(bytes)
          if (entry !== undefined && !each(entry, position)) return
        }
      })
  })
}

/** A reader that has the present state and can make a snapshot of it. */
const late = ({ readers }: KeyReaders): GuardedReader<unknown> | undefined =>
  [...readers].find(({ makesSnapshots }) => makesSnapshots)

/** Logs in memory, which live as long as the layer. */
export const layer = (options?: Partial<MemoryLogsOptions>): Layer.Layer<Logs> => Layer.sync(Logs, () => make(options))
