import * as Schema from "effect/Schema"
import { Base64, Hex, Json, oneOf, Size, TemplateText } from "./Fields.ts"

/**
 * A payload to send: exactly one of the fields. `file` is sent as text where its bytes are UTF-8, unless `as` says otherwise;
 * `bytes` are so many random ones.
 */
export const Payload = Schema.Struct({
  text: Schema.optional(TemplateText),
  json: Schema.optional(Json),
  binary: Schema.optional(Base64),
  hex: Schema.optional(Hex),
  bytes: Schema.optional(Size),
  file: Schema.optional(Schema.String),
  as: Schema.optional(Schema.Literal("text", "binary")),
  /** `false`: the server does not answer this message, so that no reply is timed from it. */
  answered: Schema.optional(Schema.Boolean)
}).pipe(oneOf(["text", "json", "binary", "hex", "bytes", "file"]))
export type Payload = typeof Payload.Type
