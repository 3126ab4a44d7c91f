import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Client from "../WebSocket/Client.ts"
import type { ConnectError, ConnectFailure } from "../WebSocket/ConnectError.ts"
import { Reactor } from "../WebSocket/Reactor.ts"
import { Dialer } from "./Dialer.ts"
import type { Cause, Failure } from "./Failure.ts"

const causes: Readonly<Record<ConnectFailure, Cause>> = {
  Refused: "refused",
  Reset: "reset",
  Closed: "reset",
  Timeout: "timeout",
  Dns: "dns",
  Unreachable: "unreachable",
  Tls: "tls",
  Local: "local",
  Status: "handshake",
  Handshake: "handshake"
}

const failureOf = (error: ConnectError): Failure => ({
  cause: causes[error.failure],
  kind: error.status === undefined ? error.detail : `the server answered with status ${error.status}`,
  detail: error.message
})

/** Longer than any timeout of a scenario: an unanswered close is the conversation's failure, told by itself. */
const CLOSE_TIMEOUT = 3_700_000

/** Dials over TCP and TLS. A connection is given to its client as it is: nothing stands between them. */
export const layer: Layer.Layer<Dialer> = Layer.effect(
  Dialer,
  Effect.map(Reactor, (reactor) => ({
    unsafeDial: ({ ca, headers, localAddress, subprotocols, timeout, url }, handler) =>
      Client.unsafeConnect(
        reactor,
        {
          url,
          headers,
          protocols: subprotocols,
          timeout,
          ...(ca === undefined ? {} : { ca }),
          ...(localAddress === undefined ? {} : { localAddress })
        },
        {
          onOpen: (connection, { connectedAt, startedAt }) => {
            handler.onOpen(connection, { connect: connectedAt - startedAt, handshake: performance.now() - connectedAt })
            return handler
          },
          onFailure: (error) => handler.onFailure(failureOf(error))
        }
      )
  }))
).pipe(Layer.provide(Reactor.layer({ closeTimeout: CLOSE_TIMEOUT })))
