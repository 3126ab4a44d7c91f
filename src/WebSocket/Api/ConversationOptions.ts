import type * as Codec from "../Conversation/Codec.ts"
import type { Endpoint } from "../Http/Endpoint.ts"

/** Options of a conversation endpoint: limits, subprotocols and who may connect. They are those of `Endpoint`. */
export interface ConversationOptions extends Omit<Endpoint, "open" | "decide"> {}

/** Options with a codec, which gives the messages a type. Without a codec, messages are strings and bytes. */
export interface CodecOptions<In, Out, Invalid> extends ConversationOptions {
  /** Decodes received messages and encodes sent ones. */
  readonly codec: Codec.Codec<In, Out, Invalid>
}
