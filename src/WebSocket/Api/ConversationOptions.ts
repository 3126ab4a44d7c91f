import type * as Codec from "../Conversation/Codec.ts"
import type { Endpoint } from "../Http/Endpoint.ts"

/** Of the connections of an endpoint. */
export interface ConversationOptions extends Omit<Endpoint, "open" | "decide"> {}

/** The same, with what their messages mean; without it they are strings and bytes. */
export interface CodecOptions<In, Out, Invalid> extends ConversationOptions {
  readonly codec: Codec.Codec<In, Out, Invalid>
}
