/**
 * The messages of a topic by key: their positions, and those that are kept for members who come back. This is a fold of
 * the topic's log, so each process that reads the log has the same positions. Limits are applied here, by the times in
 * the entries.
 */
import * as Schema from "effect/Schema"
import type { Message } from "../Frames/Message.ts"
import { type HistoryLimits, KeyStream, type Missed, type Publication } from "./KeyStream.ts"

/**
 * A place in the messages of a key. Offsets are 1, 2, 3, ...; 0 is before the first message. The epoch changes when
 * messages were lost, so offsets of different epochs have nothing to do with each other.
 */
export interface Position {
  readonly epoch: string
  readonly offset: number
}

/** Which part of a key's history to read. */
export interface HistoryRange {
  /** Only what came after this position; with `reverse` what came before it. */
  readonly since?: Position
  /** The most messages. All unless given. */
  readonly limit?: number
  /** Whether the newest messages come first. */
  readonly reverse?: boolean
}

/** The limits of all keys together. */
export interface KeyLimits {
  /** The most keys whose positions are remembered. 100,000 unless given. */
  readonly keys: number
  /** The most bytes of all kept messages. 64 MiB unless given. */
  readonly bytes: number
  /** Milliseconds after its last message for which the position of a key without kept messages is remembered. One day unless given. */
  readonly remember: number
}

export const defaults: KeyLimits = { keys: 100_000, bytes: 64 * 1024 * 1024, remember: 24 * 60 * 60 * 1000 }

/** Milliseconds between two searches for messages that are too old. */
const SWEEP = 10_000

const Row = Schema.Tuple(
  Schema.String,
  Schema.Number,
  Schema.Number,
  Schema.Number,
  Schema.Array(Schema.Tuple(Schema.Number, Schema.Boolean, Schema.String))
)
/** The state as plain values. Binary messages are in base64. */
export const Saved = Schema.Struct({
  era: Schema.Number,
  now: Schema.Number,
  sweptAt: Schema.Number,
  keys: Schema.Array(Row)
})

export class KeyHistory {
  readonly #limitsOf: (key: string) => HistoryLimits | undefined
  readonly #limits: KeyLimits
  /** The key with the oldest last message comes first. */
  readonly #keys = new Map<string, KeyStream>()
  /** What offsets of all keys belong to: another one when the log began again. Empty until the log is open. */
  epoch = ""
  #era = 0
  #bytes = 0
  /** The latest time in the entries. */
  #now = 0
  #sweptAt = 0

  /** `limitsOf` must return the same limits in all processes. */
  constructor(limitsOf: (key: string) => HistoryLimits | undefined, limits: KeyLimits = defaults) {
    this.#limitsOf = limitsOf
    this.#limits = limits
  }

  /** Forgets all but the epoch. */
  clear(): void {
    this.#keys.clear()
    this.#bytes = this.#era = this.#now = this.#sweptAt = 0
  }

  append(key: string, message: Message, at: number): Publication {
    const stream = this.#keys.get(key) ?? new KeyStream(this.#limitsOf(key), this.#era)
    // The key moves to the end: it has the newest message.
    this.#keys.delete(key)
    this.#keys.set(key, stream)
    this.#bytes += stream.append(message, at)
    while (this.#bytes > this.#limits.bytes) this.#dropOldest()
    while (this.#keys.size > this.#limits.keys) this.#forget(this.#keys.keys().next().value!)
    this.pass(at)
    return { offset: stream.top, message, at }
  }

  /** Time has passed, as an entry says. Drops what is too old. */
  pass(at: number): void {
    this.#now = Math.max(this.#now, at)
    if (this.#now - this.#sweptAt < SWEEP) return
    this.#sweptAt = this.#now
    for (const [key, stream] of this.#keys) {
      this.#bytes -= stream.dropOld(this.#now)
      if (stream.kept.length === 0 && this.#now - stream.time > this.#limits.remember) this.#forget(key)
    }
  }

  /** The position of the last message of a key. */
  position(key: string): Position {
    const stream = this.#keys.get(key)
    return { epoch: this.#epochOf(stream), offset: stream?.top ?? 0 }
  }

  positions(): ReadonlyMap<string, Position> {
    return new Map([...this.#keys].map(([key, stream]) => [key, { epoch: this.#epochOf(stream), offset: stream.top }]))
  }

  /** What came after a position. `now` is the reader's time: what is too old by then counts as gone. */
  missed(key: string, since: Position, now: number): Missed {
    const stream = this.#keys.get(key)
    if (since.epoch !== this.#epochOf(stream)) return { _tag: "Gap" }
    if (stream !== undefined) return stream.missed(since.offset, now)
    return since.offset > 0 ? { _tag: "Gap" } : { _tag: "Recovered", publications: [] }
  }

  /** The kept messages of a range. Fails with a gap if messages directly after `since` are not kept any more. */
  range(key: string, { limit = Infinity, reverse = false, since }: HistoryRange, now: number): Missed {
    const stream = this.#keys.get(key)
    let found = stream?.publications(now) ?? []
    if (since !== undefined) {
      if (since.epoch !== "" && since.epoch !== this.#epochOf(stream)) return { _tag: "Gap" }
      if (reverse) found = found.filter(({ offset }) => offset < since.offset)
      else {
        const missed = this.missed(key, { epoch: this.#epochOf(stream), offset: since.offset }, now)
        if (missed._tag === "Gap") return missed
        found = missed.publications
      }
    }
    const publications = reverse ? [...found].reverse() : found
    return { _tag: "Recovered", publications: publications.slice(0, Math.max(0, limit)) }
  }

  save(): typeof Saved.Type {
    const keys = [...this.#keys].map(
      ([key, { era, kept, time, top }]) => [key, era, top, time, kept.map(savedMessage)] as const
    )
    return { era: this.#era, now: this.#now, sweptAt: this.#sweptAt, keys }
  }

  restore(saved: typeof Saved.Type): void {
    this.clear()
    for (const [key, era, top, at, rows] of saved.keys) {
      const stream = KeyStream.at(this.#limitsOf(key), era, top - rows.length, at)
      for (const [sent, isText, text] of rows) {
        const message = isText ? text : new Uint8Array(Buffer.from(text, "base64"))
        this.#bytes += stream.append(message, sent)
      }
      this.#keys.set(key, stream)
    }
    this.#era = saved.era
    this.#now = saved.now
    this.#sweptAt = saved.sweptAt
  }

  #epochOf(stream: KeyStream | undefined): string {
    const era = stream?.era ?? this.#era
    return era === 0 ? this.epoch : `${this.epoch}.${era}`
  }

  /** Drops what is kept of the key that has been without a new message for longest. */
  #dropOldest(): void {
    for (const stream of this.#keys.values())
      if (stream.kept.length > 0) {
        this.#bytes -= stream.dropAll()
        return
      }
  }

  /** A key that is forgotten and made again has another epoch. */
  #forget(key: string): void {
    const stream = this.#keys.get(key)!
    this.#bytes -= stream.dropAll()
    this.#keys.delete(key)
    this.#era++
  }
}

const savedMessage = ({ at, message }: KeyStream["kept"][number]) =>
  typeof message === "string" ? ([at, true, message] as const) : ([at, false, base64(message)] as const)

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")
