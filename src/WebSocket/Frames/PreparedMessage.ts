import * as Frame from "./Frame.ts"
import type { Message } from "./Message.ts"

/** A message that goes to many connections: encoded once, and framed once. */
export interface PreparedMessage<M extends Message = Message> {
  readonly message: M
  /** As a server sends it. */
  readonly frame: Frame.ByteString
}

/** Encodes and frames a message, for `Conversation.offerPrepared` of any number of conversations.
 * @public */
export const prepare = <M extends Message>(message: M): PreparedMessage<M> => ({
  message,
  frame: Frame.ofMessage(message)
})
