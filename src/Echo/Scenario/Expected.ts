import * as Schema from "effect/Schema"
import { Capture } from "./Capture.ts"
import { Base64, Hex, Json, oneOf, RegularExpression, TemplateText, Timeout, VariableName } from "./Fields.ts"

const message = {
  exact: Schema.optional(TemplateText),
  pattern: Schema.optional(RegularExpression),
  json: Schema.optional(Json),
  binary: Schema.optional(Base64),
  hex: Schema.optional(Hex),
  sent: Schema.optional(Schema.Literal(true)),
  any: Schema.optional(Schema.Literal(true))
}

const taken = {
  /** Variables to set from the message. */
  capture: Schema.optional(Schema.Record({ key: VariableName, value: Capture })),
  /** The place of the sender's `{{$stamp}}` in the message. The time from then to now is a figure. */
  stamp: Schema.optional(Capture)
}

const timeout = { timeout: Schema.optional(Timeout) }

const kinds = ["exact", "pattern", "json", "binary", "hex", "sent", "any"] as const

/** The condition on one message: exactly one of the fields besides `capture` and `stamp`. `sent`: the last message that this client sent. */
export const ExpectedMessage = Schema.Struct({ ...message, ...taken }).pipe(oneOf(kinds))
export type ExpectedMessage = typeof ExpectedMessage.Type

/** The message that an `until` waits for. */
export const Until = Schema.Struct({ ...message, ...taken, ...timeout }).pipe(oneOf(kinds))
export type Until = typeof Until.Type

/**
 * The condition on the messages that come: exactly one of the fields besides `count`, `timeout`, `capture` and `stamp`.
 * `closed` waits for the server to close with that code, `anyOrder` for each of several messages, `count` for so many that
 * match.
 */
export const Expected = Schema.Struct({
  ...message,
  closed: Schema.optional(Schema.Int.pipe(Schema.between(1000, 4999))),
  anyOrder: Schema.optional(Schema.Array(Schema.Union(TemplateText, ExpectedMessage)).pipe(Schema.minItems(1))),
  count: Schema.optional(Schema.Int.pipe(Schema.positive())),
  ...timeout,
  ...taken
}).pipe(
  oneOf([...kinds, "closed", "anyOrder"]),
  Schema.filter(({ anyOrder, capture, closed, count, stamp }) =>
    (anyOrder ?? closed) !== undefined && (capture ?? count ?? stamp) !== undefined
      ? "count, capture and stamp are of a message: within anyOrder each has its own"
      : undefined
  )
)
export type Expected = typeof Expected.Type
