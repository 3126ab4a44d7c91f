import type { Message } from "./Message.ts"

/** A message that goes to many connections: encoded once, and framed once. */
export interface PreparedMessage<M extends Message = Message> {
  readonly message: M
  /** As a server sends it: a `ByteString`. */
  readonly frame: string
}
