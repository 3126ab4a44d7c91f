import * as Schema from "effect/Schema"
import { Capture } from "./Capture.ts"
import {
  Base64,
  FigureName,
  Hex,
  Json,
  oneOf,
  RegularExpression,
  TemplateText,
  Timeout,
  VariableName
} from "./Fields.ts"
import * as Template from "./Template.ts"

const message = {
  exact: Schema.optional(TemplateText),
  pattern: Schema.optional(RegularExpression),
  json: Schema.optional(Json),
  binary: Schema.optional(Base64),
  hex: Schema.optional(Hex),
  sent: Schema.optional(Schema.Literal(true)),
  any: Schema.optional(Schema.Literal(true)),
  /** A regular expression for the beginning of the message. The other fields are for what follows it. */
  prefix: Schema.optional(
    RegularExpression.pipe(
      Schema.filter((source) => Template.isConstant(source), { message: () => "expected a prefix without templates" })
    )
  )
}

const taken = {
  capture: Schema.optional(Schema.Record({ key: VariableName, value: Capture })),
  /** Where the message contains the sender's `{{$stamp}}`. The time since then is recorded as the figure `delivery`. */
  stamp: Schema.optional(Capture)
}

const timeout = { timeout: Schema.optional(Timeout) }

/** The name of the `send` that the message answers. `false`: it is no reply, so it ends no round trip. */
export const answers = { answers: Schema.optional(Schema.Union(FigureName, Schema.Literal(false))) }

const kinds = ["exact", "pattern", "json", "binary", "hex", "sent", "any"] as const

/** The condition on one message: exactly one of the fields except `capture` and `stamp`. `sent` is the last message that this client sent. */
export const ExpectedMessage = Schema.Struct({ ...message, ...taken }).pipe(oneOf(kinds))
export type ExpectedMessage = typeof ExpectedMessage.Type

export const Until = Schema.Struct({ ...message, ...taken, ...timeout, ...answers }).pipe(oneOf(kinds))
export type Until = typeof Until.Type

/**
 * The condition of an `expect` step: exactly one of the fields except `count`, `timeout`, `capture`, `stamp` and `answers`. `closed` waits
 * until the server closes with this code, `anyOrder` waits for each of several messages, and `count` for this number of matching
 * messages.
 */
export const Expected = Schema.Struct({
  ...message,
  closed: Schema.optional(Schema.Int.pipe(Schema.between(1000, 4999))),
  anyOrder: Schema.optional(Schema.Array(Schema.Union(TemplateText, ExpectedMessage)).pipe(Schema.minItems(1))),
  count: Schema.optional(Schema.Int.pipe(Schema.positive())),
  ...timeout,
  ...taken,
  ...answers
}).pipe(
  oneOf([...kinds, "closed", "anyOrder"]),
  Schema.filter(({ anyOrder, capture, closed, count, stamp }) =>
    (anyOrder ?? closed) !== undefined && (capture ?? count ?? stamp) !== undefined
      ? "count, capture and stamp need a message: with anyOrder, put them on its messages"
      : undefined
  )
)
export type Expected = typeof Expected.Type
