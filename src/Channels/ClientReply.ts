/** What a server sends, as a client reads it: replies, pushes and pings of Centrifugo's protocol. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"

const Info = Schema.Struct({
  user: Schema.optionalWith(Schema.String, { default: () => "" }),
  client: Schema.optionalWith(Schema.String, { default: () => "" }),
  conn_info: Schema.optional(Schema.Unknown),
  chan_info: Schema.optional(Schema.Unknown)
})
/** Who published, joined or left. */
export type Info = typeof Info.Type

const Publication = Schema.Struct({
  data: Schema.optional(Schema.Unknown),
  info: Schema.optional(Info),
  offset: Schema.optional(Schema.Number),
  epoch: Schema.optional(Schema.String),
  tags: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String }))
})
export type RawPublication = typeof Publication.Type

const Subscribed = Schema.Struct({
  recoverable: Schema.optional(Schema.Boolean),
  epoch: Schema.optional(Schema.String),
  offset: Schema.optional(Schema.Number),
  recovered: Schema.optional(Schema.Boolean),
  publications: Schema.optional(Schema.Array(Publication)),
  data: Schema.optional(Schema.Unknown)
})
export type SubscribedResult = typeof Subscribed.Type

const Times = { expires: Schema.optional(Schema.Boolean), ttl: Schema.optional(Schema.Number) }
const Ended = Schema.Struct({ code: Schema.Number, reason: Schema.optional(Schema.String) })

const Reply = Schema.Struct({
  id: Schema.optional(Schema.Number),
  error: Schema.optional(
    Schema.Struct({
      code: Schema.Number,
      message: Schema.optionalWith(Schema.String, { default: () => "" }),
      temporary: Schema.optionalWith(Schema.Boolean, { default: () => false })
    })
  ),
  connect: Schema.optional(
    Schema.Struct({
      client: Schema.String,
      ping: Schema.optional(Schema.Number),
      pong: Schema.optional(Schema.Boolean),
      data: Schema.optional(Schema.Unknown),
      ...Times
    })
  ),
  subscribe: Schema.optional(Subscribed),
  rpc: Schema.optional(Schema.Struct({ data: Schema.optional(Schema.Unknown) })),
  presence: Schema.optional(Schema.Struct({ presence: Schema.Record({ key: Schema.String, value: Info }) })),
  history: Schema.optional(
    Schema.Struct({
      publications: Schema.optionalWith(Schema.Array(Publication), { default: () => [] }),
      epoch: Schema.optionalWith(Schema.String, { default: () => "" }),
      offset: Schema.optionalWith(Schema.Number, { default: () => 0 })
    })
  ),
  refresh: Schema.optional(Schema.Struct(Times)),
  push: Schema.optional(
    Schema.Struct({
      channel: Schema.optionalWith(Schema.String, { default: () => "" }),
      pub: Schema.optional(Publication),
      join: Schema.optional(Schema.Struct({ info: Info })),
      leave: Schema.optional(Schema.Struct({ info: Info })),
      unsubscribe: Schema.optional(Ended)
    })
  )
})
export type Reply = typeof Reply.Type

const decode = Schema.decodeUnknownEither(Schema.parseJson(Reply))

/** The replies of a message, or nothing if it is not of the protocol. */
export const decodeReplies = (text: string): ReadonlyArray<Reply> | undefined => {
  const replies: Array<Reply> = []
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue
    const reply = decode(line)
    if (Either.isLeft(reply)) return undefined
    replies.push(reply.right)
  }
  return replies
}
