/**
 * Opens connections: what a client needs of where it runs. On Node it is `layerConnector`, over this package's own core; in a
 * browser (Deno, Bun, or Node 22 and newer) `NativeConnector.layer`, over the `WebSocket` that is there.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Codec } from "../Conversation/Codec.ts"
import type { Conversation } from "../Conversation/Conversation.ts"
import type { ConnectError } from "../Http/ConnectError.ts"

/** The options of every kind of client. Others, such as headers, belong to the kinds that have them. */
export interface ConnectorOptions {
  /** `ws:` or `wss:`. */
  readonly url: URL
  readonly protocols?: ReadonlyArray<string>
  /** Milliseconds until the connection must be open: 30,000 unless told otherwise. */
  readonly timeout?: number
}

export class Connector extends Context.Tag("effect-c10k/WebSocket/Connector")<
  Connector,
  {
    /** A connection, closed with 1000 when the scope ends. */
    readonly connect: <In, Out, Invalid>(
      options: ConnectorOptions,
      codec: Codec<In, Out, Invalid>
    ) => Effect.Effect<Conversation<In, Out, Invalid>, ConnectError, Scope.Scope>
  }
>() {}
