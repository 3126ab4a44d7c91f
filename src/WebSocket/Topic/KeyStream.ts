/** The messages of one key of a topic: how many there were, and the last of them, as far as the key's limits allow. */
import * as Duration from "effect/Duration"
import type { Message } from "../Frames/Message.ts"

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

/** Bytes that a kept message takes in addition to its content. */
const OVERHEAD = 64
const DEFAULT_BYTES = 1024 * 1024

export class KeyStream {
  /** The number of keys that had been forgotten when this one was made: a part of its epoch. */
  readonly era: number
  readonly #limits: Limits | undefined
  /** The offset of the last message. The kept messages are the last ones, so their offsets end with it. */
  #top = 0
  #at = 0
  #bytes = 0
  readonly #kept: Array<Kept> = []

  constructor(limits: HistoryLimits | undefined, era: number) {
    this.era = era
    if (limits === undefined || limits.messages <= 0) return
    const { age, bytes = DEFAULT_BYTES, messages } = limits
    this.#limits = { messages, bytes, age: age === undefined ? Infinity : Duration.toMillis(age) }
  }

  /** A stream whose last message, of the time `at`, has the offset `top`, before kept messages are appended to it. */
  static at(limits: HistoryLimits | undefined, era: number, top: number, at: number): KeyStream {
    const stream = new KeyStream(limits, era)
    stream.#top = top
    stream.#at = at
    return stream
  }

  get top(): number {
    return this.#top
  }

  /** The time of the last message. */
  get time(): number {
    return this.#at
  }

  get kept(): ReadonlyArray<{ readonly message: Message; readonly at: number }> {
    return this.#kept
  }

  /** Appends a message. Returns by how many bytes what is kept has grown. */
  append(message: Message, at: number): number {
    this.#top++
    this.#at = Math.max(this.#at, at)
    const limits = this.#limits
    if (limits === undefined) return 0
    const before = this.#bytes
    const bytes = OVERHEAD + (typeof message === "string" ? Buffer.byteLength(message) : message.length)
    this.#kept.push({ message, at, bytes })
    this.#bytes += bytes
    let dropped = 0
    let left = this.#bytes
    while (this.#kept.length - dropped > limits.messages || left > limits.bytes) left -= this.#kept[dropped++]!.bytes
    this.#drop(dropped)
    this.dropOld(at)
    return this.#bytes - before
  }

  /** Drops what is too old at this time. Returns how many bytes that were. */
  dropOld(now: number): number {
    const age = this.#limits?.age ?? Infinity
    let dropped = 0
    while (dropped < this.#kept.length && now - this.#kept[dropped]!.at > age) dropped++
    return this.#drop(dropped)
  }

  /** Drops all that is kept. Returns how many bytes that were. */
  dropAll(): number {
    return this.#drop(this.#kept.length)
  }

  /** What came after an offset. `now` is the reader's time: what is too old by then counts as gone. */
  missed(offset: number, now: number): Missed {
    const publications = this.publications(now)
    const first = this.#top - publications.length
    if (offset < first || offset > this.#top) return { _tag: "Gap" }
    return { _tag: "Recovered", publications: publications.slice(offset - first) }
  }

  /** The kept messages that are not too old at this time. */
  publications(now: number): ReadonlyArray<Publication> {
    const first = this.#top - this.#kept.length + 1
    const age = this.#limits?.age ?? Infinity
    const found = this.#kept.map(({ at, message }, index) => ({ offset: first + index, message, at }))
    const fresh = found.findIndex(({ at }) => now - at <= age)
    return fresh < 0 ? [] : found.slice(fresh)
  }

  #drop(count: number): number {
    if (count === 0) return 0
    const before = this.#bytes
    for (const { bytes } of this.#kept.splice(0, count)) this.#bytes -= bytes
    return before - this.#bytes
  }
}
