import { randomBytes } from "node:crypto"
import * as Schema from "effect/Schema"
import { parseSize } from "../../Text/Size.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import { Base64, Hex, Json, oneOf, Size, TemplateText } from "./Fields.ts"
import * as Template from "./Template.ts"

/**
 * A payload to send: exactly one of the fields. `file` is sent as text if its bytes are UTF-8, unless `as` says otherwise.
 * `bytes` is a number of random bytes.
 */
export const Payload = Schema.Struct({
  text: Schema.optional(TemplateText),
  json: Schema.optional(Json),
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

/** The contents of the files that a scenario sends, by `fileKey`. */
export type Files = ReadonlyMap<string, Message>

/** The key of a file payload in `Files`. It contains `as`, because one file may be sent both as text and as binary. */
export const fileKey = (payload: Payload): string => `${payload.as ?? "auto"} ${payload.file ?? ""}`

const contentOf = (send: Payload, files: Files): Message => {
  if (send.binary !== undefined) return Buffer.from(send.binary, "base64")
  if (send.bytes !== undefined) return randomBytes(parseSize(String(send.bytes)) ?? 0)
  return files.get(fileKey(send)) ?? ""
}

/** Compiles a `send` into a function that makes the message from the values of a client. */
export const compile = (send: string | Payload, files: Files): ((variables: Template.Variables) => Message) => {
  if (typeof send === "string") return Template.compile(send)
  if (send.text !== undefined) return Template.compile(send.text)
  if (send.json !== undefined) {
    const json = Template.compileJson(send.json)
    if (send.prefix === undefined) return json
    const prefix = Template.compile(send.prefix)
    return (variables) => prefix(variables) + json(variables)
  }
  if (send.hex !== undefined) {
    const template = Template.compile(send.hex)
    const bytes = (text: string) => Buffer.from(text.replaceAll(/\s/g, ""), "hex")
    const constant = Template.isConstant(send.hex) ? bytes(send.hex) : undefined
    return constant === undefined ? (variables) => bytes(template(variables)) : () => constant
  }
  const message = contentOf(send, files)
  return () => message
}
