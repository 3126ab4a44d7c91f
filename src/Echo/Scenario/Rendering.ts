import { randomBytes } from "node:crypto"
import { parseSize } from "../../Text/Size.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Payload } from "./Payload.ts"
import * as Template from "./Template.ts"

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
