/** The entries of a topic's log, and their encoding for logs that leave the process. */
import * as Schema from "effect/Schema"
import type { Codec } from "../../Log/Log.ts"
import type { Message } from "../Frames/Message.ts"
import { PresenceEntry } from "./Presence.ts"

const Head = Schema.Struct({
  /** The process that publishes it, and its number there. */
  node: Schema.String,
  number: Schema.Number,
  /** The time of publication, in milliseconds since 1970. */
  at: Schema.Number,
  /** The membership that does not get the message. */
  except: Schema.optional(Schema.String)
})

interface MessageEntry extends Schema.Schema.Type<typeof Head> {
  readonly _tag: "Message"
  readonly key: string
  readonly message: Message
}

export type TopicEntry = MessageEntry | PresenceEntry

/** The first byte of an entry. 0 to 2 are those of version 0.2, which had no positions. */
const Kind = { Text: 3, Binary: 4, Other: 5 } as const

/** Keeps U+FEFF at the beginning of a text. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
const otherOf = Schema.decodeUnknownOption(Schema.parseJson(PresenceEntry))
const headOf = Schema.decodeUnknownOption(Schema.parseJson(Head))

/** The most bytes of a key. */
const MAX_KEY = 0xffff

/** The most bytes of a message's entry beside key and message: see `codec`. */
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

/**
 * One byte of the kind, then JSON; or, for messages, two bytes of the key's length, two of the head's length, the key,
 * the head as JSON, and the message.
 */
export const codec: Codec<TopicEntry> = {
  encode: (entry) => {
    if (entry._tag !== "Message") return Buffer.concat([Buffer.of(Kind.Other), Buffer.from(JSON.stringify(entry))])
    const { at, except, message, node, number } = entry
    const key = Buffer.from(entry.key)
    const head = Buffer.from(JSON.stringify({ node, number, at, except }))
    const isText = typeof message === "string"
    const start = Buffer.alloc(5)
    start[0] = isText ? Kind.Text : Kind.Binary
    start.writeUInt16BE(key.length, 1)
    start.writeUInt16BE(head.length, 3)
    return Buffer.concat([start, key, head, isText ? Buffer.from(message) : message])
  },
  decode: (bytes) => {
    const kind = bytes[0]
    if (kind === Kind.Other) {
      const entry = otherOf(decoder.decode(bytes.subarray(1)))
      return entry._tag === "Some" ? entry.value : undefined
    }
    if ((kind !== Kind.Text && kind !== Kind.Binary) || bytes.length < 5) return undefined
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const keyEnd = 5 + view.getUint16(1)
    const headEnd = keyEnd + view.getUint16(3)
    const head = headOf(decoder.decode(bytes.subarray(keyEnd, headEnd)))
    if (head._tag === "None") return undefined
    const payload = Uint8Array.prototype.slice.call(bytes, headEnd)
    const message = kind === Kind.Text ? decoder.decode(payload) : payload
    return { _tag: "Message", key: decoder.decode(bytes.subarray(5, keyEnd)), ...head.value, message }
  }
}
