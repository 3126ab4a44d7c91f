import * as Schema from "effect/Schema"
import { Capture } from "./Capture.ts"
import { Base64, exactlyOne, Hex, Json, RegularExpression, TemplateText, Timeout, VariableName } from "./Fields.ts"

/**
 * What must come: exactly one of the fields besides `timeout` and `capture`. `closed` waits for the server to close with
 * that code, `sent` for the message that was sent last.
 */
export const Expected = Schema.Struct({
  exact: Schema.optional(TemplateText),
  pattern: Schema.optional(RegularExpression),
  json: Schema.optional(Json),
  binary: Schema.optional(Base64),
  hex: Schema.optional(Hex),
  sent: Schema.optional(Schema.Literal(true)),
  any: Schema.optional(Schema.Literal(true)),
  closed: Schema.optional(Schema.Int.pipe(Schema.between(1000, 4999))),
  timeout: Schema.optional(Timeout),
  /** Variables to set from the message. */
  capture: Schema.optional(Schema.Record({ key: VariableName, value: Capture }))
}).pipe(Schema.filter(exactlyOne(["exact", "pattern", "json", "binary", "hex", "sent", "any", "closed"])))
export type Expected = typeof Expected.Type
