/** The entries of a topic's log, and their encoding for logs that leave the process. */
import * as Schema from "effect/Schema"
import type { Codec } from "../../Log/Log.ts"
import type { Message } from "../Frames/Message.ts"

/** `node` is the process that serves the member. */
export const PresenceEntry = Schema.Union(
  Schema.TaggedStruct("Joined", { key: Schema.String, who: Schema.String, node: Schema.String }),
  Schema.TaggedStruct("Left", { key: Schema.String, who: Schema.String, node: Schema.String }),
  /** The process is alive, and its earlier entries hold. */
  Schema.TaggedStruct("Alive", { node: Schema.String }),
  /** The process has ended or was silent for too long, so its members are not present any more. */
  Schema.TaggedStruct("Gone", { node: Schema.String })
)
export type PresenceEntry = typeof PresenceEntry.Type

export type TopicEntry = { readonly _tag: "Message"; readonly key: string; readonly message: Message } | PresenceEntry

/** The first byte of an entry. */
const Kind = { Text: 0, Binary: 1, Presence: 2 } as const

const decoder = new TextDecoder()
const presenceOf = Schema.decodeUnknownOption(Schema.parseJson(PresenceEntry))

/** The most bytes of a key, whose length has two bytes in an entry. */
const MAX_KEY = 0xffff

/** What is wrong with the key of a topic, or `undefined` if it fits into an entry. */
export const problemOfKey = (key: string): string | undefined =>
  // A character has at most three bytes for each unit of `length`.
  key.length * 3 > MAX_KEY && Buffer.byteLength(key) > MAX_KEY
    ? `the key ${JSON.stringify(key.slice(0, 20))}... of a topic has ${Buffer.byteLength(key)} bytes: expected at most ${MAX_KEY}`
    : undefined

/** One byte of the kind, then JSON; or, for messages, two bytes of the key's length, the key and the message. */
export const codec: Codec<TopicEntry> = {
  encode: (entry) => {
    if (entry._tag !== "Message") return Buffer.concat([Buffer.of(Kind.Presence), Buffer.from(JSON.stringify(entry))])
    const { message } = entry
    const key = Buffer.from(entry.key)
    const isText = typeof message === "string"
    const head = Buffer.of(isText ? Kind.Text : Kind.Binary, key.length >> 8, key.length & 255)
    return Buffer.concat([head, key, isText ? Buffer.from(message) : message])
  },
  decode: (bytes) => {
    const kind = bytes[0]
    if (kind === Kind.Presence) {
      const entry = presenceOf(decoder.decode(bytes.subarray(1)))
      return entry._tag === "Some" ? entry.value : undefined
    }
    if (kind !== Kind.Text && kind !== Kind.Binary) return undefined
    const end = 3 + bytes[1]! * 256 + bytes[2]!
    const payload = Uint8Array.prototype.slice.call(bytes, end)
    return {
      _tag: "Message",
      key: decoder.decode(bytes.subarray(3, end)),
      message: kind === Kind.Text ? decoder.decode(payload) : payload
    }
  }
}
