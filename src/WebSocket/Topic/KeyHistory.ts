/**
 * The messages of a topic by key: their positions, and those that are kept for members who come back. This is a fold of
 * the topic's log, so each process that reads the log has the same positions. Limits are applied here, by the times in
 * the entries.
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import type { Message } from "../Frames/Message.ts"

/**
 * A place in the messages of a key. Offsets are 1, 2, 3, ...; 0 is before the first message. The epoch changes when
 * messages were lost, so offsets of different epochs have nothing to do with each other.
 */
export interface Position {
  readonly epoch: string
  readonly offset: number
}

/** A message with its offset. `at` is the publisher's time, in milliseconds since 1970. */
export interface Publication<out M = Message> {
  readonly offset: number
  readonly message: M
  readonly at: number
}

/** How much of a key's past is kept. What exceeds one of the limits is dropped, the oldest messages first. */
export interface HistoryLimits {
  /** The most messages. 0 keeps none. */
  readonly messages: number
  /** The most bytes of all kept messages of a key. 1 MiB unless given. */
  readonly bytes?: number
  /** How long a message is kept. Without end unless given. */
  readonly age?: Duration.DurationInput
}

/** What came after a position: all of it, or the fact that some of it is not kept any more. */
export type Missed<M = Message> =
  | { readonly _tag: "Recovered"; readonly publications: ReadonlyArray<Publication<M>> }
  | { readonly _tag: "Gap" }

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

interface Limits {
  readonly messages: number
  readonly bytes: number
  readonly age: number
}

interface Kept {
  readonly message: Message
  readonly at: number
  readonly bytes: number
}

/** One key. The kept messages are the last ones, so their offsets end with `top`. */
interface Stream {
  /** The number of keys that had been forgotten when this one was made: a part of its epoch. */
  readonly era: number
  readonly limits: Limits | undefined
  top: number
  at: number
  bytes: number
  kept: Array<Kept>
}

/** Bytes that a kept message takes in addition to its content. */
const OVERHEAD = 64
const DEFAULT_BYTES = 1024 * 1024
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
  readonly #keys = new Map<string, Stream>()
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

  /** Appends a message to its key. */
  append(key: string, message: Message, at: number): Publication {
    const stream = this.#keys.get(key) ?? this.#make(key)
    // The key moves to the end: it has the newest message.
    this.#keys.delete(key)
    this.#keys.set(key, stream)
    stream.top++
    stream.at = Math.max(stream.at, at)
    if (stream.limits !== undefined) this.#keep(stream, stream.limits, message, at)
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
      if (stream.limits !== undefined) this.#dropOld(stream, stream.limits, this.#now)
      if (stream.kept.length === 0 && this.#now - stream.at > this.#limits.remember) this.#forget(key)
    }
  }

  /** The position of the last message of a key. */
  position(key: string): Position {
    const stream = this.#keys.get(key)
    return { epoch: this.#epochOf(stream), offset: stream?.top ?? 0 }
  }

  /** The positions of all keys that have messages. */
  positions(): ReadonlyMap<string, Position> {
    return new Map([...this.#keys].map(([key, stream]) => [key, { epoch: this.#epochOf(stream), offset: stream.top }]))
  }

  /** What came after a position. `now` is the reader's time: what is too old by then counts as gone. */
  missed(key: string, since: Position, now: number): Missed {
    const stream = this.#keys.get(key)
    const top = stream?.top ?? 0
    if (since.epoch !== this.#epochOf(stream) || since.offset > top) return { _tag: "Gap" }
    const publications = this.#publications(stream, now)
    const first = top - publications.length
    if (since.offset < first) return { _tag: "Gap" }
    return { _tag: "Recovered", publications: publications.slice(since.offset - first) }
  }

  /** The kept messages of a range. Fails with a gap if messages directly after `since` are not kept any more. */
  range(key: string, { limit = Infinity, reverse = false, since }: HistoryRange, now: number): Missed {
    const stream = this.#keys.get(key)
    let found = this.#publications(stream, now)
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
      ([key, { at, era, kept, top }]) =>
        [
          key,
          era,
          top,
          at,
          kept.map(
            ({ at, message }) =>
              [at, typeof message === "string", typeof message === "string" ? message : base64(message)] as const
          )
        ] as const
    )
    return { era: this.#era, now: this.#now, sweptAt: this.#sweptAt, keys }
  }

  restore(saved: typeof Saved.Type): void {
    this.clear()
    for (const [key, era, top, at, rows] of saved.keys) {
      const stream = this.#make(key, era)
      Object.assign(stream, { top: top - rows.length, at })
      for (const [sent, isText, text] of rows) {
        stream.top++
        const message = isText ? text : new Uint8Array(Buffer.from(text, "base64"))
        if (stream.limits !== undefined) this.#keep(stream, stream.limits, message, sent)
      }
      this.#keys.set(key, stream)
    }
    this.#era = saved.era
    this.#now = saved.now
    this.#sweptAt = saved.sweptAt
  }

  #epochOf(stream: Stream | undefined): string {
    const era = stream?.era ?? this.#era
    return era === 0 ? this.epoch : `${this.epoch}.${era}`
  }

  #make(key: string, era = this.#era): Stream {
    const given = this.#limitsOf(key)
    const limits =
      given === undefined || given.messages <= 0
        ? undefined
        : {
            messages: given.messages,
            bytes: given.bytes ?? DEFAULT_BYTES,
            age: given.age === undefined ? Infinity : Duration.toMillis(given.age)
          }
    return { era, limits, top: 0, at: 0, bytes: 0, kept: [] }
  }

  #keep(stream: Stream, limits: Limits, message: Message, at: number): void {
    const bytes = OVERHEAD + (typeof message === "string" ? Buffer.byteLength(message) : message.length)
    stream.kept.push({ message, at, bytes })
    stream.bytes += bytes
    this.#bytes += bytes
    let dropped = 0
    let left = stream.bytes
    while (stream.kept.length - dropped > limits.messages || left > limits.bytes) left -= stream.kept[dropped++]!.bytes
    this.#drop(stream, dropped)
    this.#dropOld(stream, limits, at)
  }

  #dropOld(stream: Stream, { age }: Limits, now: number): void {
    let dropped = 0
    while (dropped < stream.kept.length && now - stream.kept[dropped]!.at > age) dropped++
    this.#drop(stream, dropped)
  }

  #drop(stream: Stream, count: number): void {
    if (count === 0) return
    for (const { bytes } of stream.kept.splice(0, count)) {
      stream.bytes -= bytes
      this.#bytes -= bytes
    }
  }

  /** Drops what is kept of the key that has been without a new message for longest. */
  #dropOldest(): void {
    for (const stream of this.#keys.values()) if (stream.kept.length > 0) return this.#drop(stream, stream.kept.length)
  }

  /** A key that is forgotten and made again has another epoch. */
  #forget(key: string): void {
    const stream = this.#keys.get(key)!
    this.#drop(stream, stream.kept.length)
    this.#keys.delete(key)
    this.#era++
  }

  #publications(stream: Stream | undefined, now: number): ReadonlyArray<Publication> {
    if (stream === undefined) return []
    const { kept, limits, top } = stream
    const first = top - kept.length + 1
    const found = kept.map(({ at, message }, index) => ({ offset: first + index, message, at }))
    const age = limits?.age ?? Infinity
    const fresh = found.findIndex(({ at }) => now - at <= age)
    return fresh < 0 ? [] : found.slice(fresh)
  }
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")
