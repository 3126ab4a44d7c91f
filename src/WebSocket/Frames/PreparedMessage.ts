import * as Frame from "./Frame.ts"
import type { Message } from "./Message.ts"

/** A message that goes to many connections: encoded once, and framed once. */
export interface PreparedMessage {
  readonly message: Message
  /** As a server sends it. */
  readonly frame: Frame.ByteString
}

/** Encodes and frames a message, for `Conversation.offerPrepared` of any number of conversations.
 * @public */
export const prepare = (message: Message): PreparedMessage => ({ message, frame: Frame.ofMessage(message) })
