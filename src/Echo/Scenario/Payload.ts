import * as Schema from "effect/Schema"
import { Base64, Hex, Json, oneOf, Size, TemplateText } from "./Fields.ts"

/**
 * A payload to send: exactly one of the fields. `file` is sent as text if its bytes are UTF-8, unless `as` says otherwise.
 * `bytes` is a number of random bytes.
 */
export const Payload = Schema.Struct({
  text: Schema.optional(TemplateText),
  json: Schema.optional(Json),
  /** What comes before the JSON in the message. */
  prefix: Schema.optional(TemplateText),
  binary: Schema.optional(Base64),
  hex: Schema.optional(Hex),
  bytes: Schema.optional(Size),
  file: Schema.optional(Schema.String),
  as: Schema.optional(Schema.Literal("text", "binary")),
  /** `false`: the server does not answer this message, so no round trip begins with it. */
  answered: Schema.optional(Schema.Boolean)
}).pipe(
  oneOf(["text", "json", "binary", "hex", "bytes", "file"]),
  Schema.filter(({ json, prefix }) =>
    prefix !== undefined && json === undefined ? "prefix is what comes before JSON: expected json too" : undefined
  )
)
export type Payload = typeof Payload.Type
