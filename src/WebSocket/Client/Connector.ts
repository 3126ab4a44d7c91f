/**
 * Opens connections. This service is what a client needs of its platform: `layerConnector` on Node, over this package's
 * own core; `NativeConnector.layer` in a browser, Deno, Bun, or Node from version 22 on, over their `WebSocket`.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Codec } from "../Conversation/Codec.ts"
import type { Conversation } from "../Conversation/Conversation.ts"
import type { ConnectError } from "../Http/ConnectError.ts"

/** The options that every connector has. Others belong to the connectors that support them. */
export interface ConnectorOptions {
  /** The url of the endpoint, with the scheme `ws:` or `wss:`. */
  readonly url: URL
  /** Headers of the handshake, such as a cookie. A browser sends none of these: there, connecting fails with `Request`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Subprotocols to offer, the preferred one first (RFC 6455, section 1.9). None unless given. */
  readonly protocols?: ReadonlyArray<string>
  /** Milliseconds until the connection must be open. Later: `ConnectError`, `Timeout`. 30,000 unless given. */
  readonly timeout?: number
}

/** Opens connections as a client. */
export class Connector extends Context.Tag("effect-c10k/WebSocket/Connector")<
  Connector,
  {
    /** Opens a connection, and closes it with 1000 when the scope ends. */
    readonly connect: <In, Out, Invalid>(
      options: ConnectorOptions,
      codec: Codec<In, Out, Invalid>
    ) => Effect.Effect<Conversation<In, Out, Invalid>, ConnectError, Scope.Scope>
  }
>() {}
