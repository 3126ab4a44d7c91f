import type { Message } from "./Message.ts"

/** A message for many connections, which is encoded and framed once. */
export interface PreparedMessage<M extends Message = Message> {
  readonly message: M
  /** The frame as a server sends it: a `ByteString`. */
  readonly frame: string
}
