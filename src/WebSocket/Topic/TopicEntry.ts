/** The entries of a topic's log, their encoding for logs that leave the process, and how they are written. */
import * as Schema from "effect/Schema"
import type { Codec, Log } from "../../Log/Log.ts"
import type { Message } from "../Frames/Message.ts"
import { PresenceEntry } from "./Presence.ts"

interface MessageEntry {
  readonly _tag: "Message"
  readonly key: string
  /** The process that publishes it, and its number there. */
  readonly node: string
  readonly number: number
  /** The time of publication, in milliseconds since 1970. */
  readonly at: number
  /** The membership that does not get the message. */
  readonly except?: string
  readonly message: Message
}

export type TopicEntry = MessageEntry | PresenceEntry

/** The first byte of an entry. */
const Kind = { Text: 0, Binary: 1, Other: 2 } as const

const otherOf = Schema.decodeUnknownOption(Schema.parseJson(PresenceEntry))

const MAX_KEY = 0xffff

/** The most bytes of a message's entry beside key and message, if `except` is the id of a membership. */
export const OVERHEAD = 256

/** Half of a character of two units. UTF-8 has no bytes for it, so two keys with it would become one. */
const HALF = /\p{Surrogate}/u

/** What is wrong with the key of a topic, or `undefined` if it fits into an entry. */
export const problemOfKey = (key: string): string | undefined => {
  // A character has at most three bytes for each unit of `length`.
  if (key.length * 3 > MAX_KEY && Buffer.byteLength(key) > MAX_KEY)
    return `the key ${shown(key)}... of a topic has ${Buffer.byteLength(key)} bytes: expected at most ${MAX_KEY}`
  return HALF.test(key) ? `the key ${shown(key)} of a topic has half of a character: expected valid Unicode` : undefined
}

const shown = (key: string): string => JSON.stringify(key.slice(0, 20))

/** Bytes of the kind, the lengths of key, node and `except`, the number and the time. */
const HEAD = 1 + 2 + 1 + 1 + 8 + 8

const encodeOne = (entry: TopicEntry): Uint8Array => {
  if (entry._tag !== "Message") return Buffer.concat([Buffer.of(Kind.Other), Buffer.from(JSON.stringify(entry))])
  const { at, except = "", message, number } = entry
  const key = Buffer.from(entry.key)
  const node = Buffer.from(entry.node)
  // No membership has a longer id.
  const id = Buffer.from(except).subarray(0, 0xff)
  const head = Buffer.alloc(HEAD)
  head[0] = typeof message === "string" ? Kind.Text : Kind.Binary
  head.writeUInt16BE(key.length, 1)
  head.writeUInt8(node.length, 3)
  head.writeUInt8(id.length, 4)
  head.writeDoubleBE(number, 5)
  head.writeDoubleBE(at, 13)
  return Buffer.concat([head, key, node, id, typeof message === "string" ? Buffer.from(message) : message])
}

const decodeOne = (bytes: Buffer): TopicEntry | undefined => {
  const kind = bytes[0]
  if (kind === Kind.Other) {
    const entry = otherOf(bytes.toString("utf8", 1))
    return entry._tag === "Some" ? entry.value : undefined
  }
  if ((kind !== Kind.Text && kind !== Kind.Binary) || bytes.length < HEAD) return undefined
  const keyEnd = HEAD + bytes.readUInt16BE(1)
  const nodeEnd = keyEnd + bytes.readUInt8(3)
  const headEnd = nodeEnd + bytes.readUInt8(4)
  if (headEnd > bytes.length) return undefined
  return {
    _tag: "Message",
    key: bytes.toString("utf8", HEAD, keyEnd),
    node: bytes.toString("utf8", keyEnd, nodeEnd),
    number: bytes.readDoubleBE(5),
    at: bytes.readDoubleBE(13),
    ...(headEnd > nodeEnd ? { except: bytes.toString("utf8", nodeEnd, headEnd) } : {}),
    message: kind === Kind.Text ? bytes.toString("utf8", headEnd) : Uint8Array.prototype.slice.call(bytes, headEnd)
  }
}

/** An entry of the log is a list of a topic's entries: each has four bytes of its length before it. */
export const codec: Codec<ReadonlyArray<TopicEntry>> = {
  encode: (entries) =>
    Buffer.concat(
      entries.flatMap((entry) => {
        const bytes = encodeOne(entry)
        const length = Buffer.alloc(4)
        length.writeUInt32BE(bytes.length)
        return [length, bytes]
      })
    ),
  decode: (given) => {
    const bytes = Buffer.from(given.buffer, given.byteOffset, given.length)
    const entries: Array<TopicEntry> = []
    for (let at = 0; at + 4 <= bytes.length; ) {
      const end = at + 4 + bytes.readUInt32BE(at)
      if (end > bytes.length) return undefined
      const entry = decodeOne(bytes.subarray(at + 4, end))
      if (entry !== undefined) entries.push(entry)
      at = end
    }
    return entries
  }
}

/** A text has at most three bytes for each unit of `length`. */
const mostBytes = (entry: TopicEntry): number => {
  if (entry._tag !== "Message") return JSON.stringify(entry).length * 3
  const { key, message } = entry
  return OVERHEAD + key.length * 3 + (typeof message === "string" ? 3 : 1) * message.length
}

/** Bytes of gathered entries after which they are written. */
const ENOUGH = 64 * 1024

/** Writes a topic's entries. In a shared log those of one turn are one entry, as each costs more than its content. */
export class TopicWriter {
  readonly #log: Pick<Log<ReadonlyArray<TopicEntry>>, "unsafeAppend">
  readonly #isShared: boolean
  #gathered: Array<TopicEntry> = []
  #bytes = 0

  constructor(log: Pick<Log<ReadonlyArray<TopicEntry>>, "unsafeAppend">, isShared: boolean) {
    this.#log = log
    this.#isShared = isShared
  }

  append(entry: TopicEntry): void {
    if (!this.#isShared) return this.#log.unsafeAppend([entry])
    const bytes = mostBytes(entry)
    if (this.#bytes + bytes > ENOUGH) this.flush()
    this.#bytes += bytes
    if (this.#gathered.push(entry) === 1) queueMicrotask(() => this.flush())
  }

  flush(): void {
    if (this.#gathered.length === 0) return
    const entries = this.#gathered
    this.#gathered = []
    this.#bytes = 0
    this.#log.unsafeAppend(entries)
  }
}
