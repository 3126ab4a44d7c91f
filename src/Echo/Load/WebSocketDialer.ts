import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Reactor } from "../../WebSocket/Connection/Reactor.ts"
import * as Client from "../../WebSocket/Http/Client.ts"
import { type ConnectError, type ConnectFailure, isFinalFailure } from "../../WebSocket/Http/ConnectError.ts"
import type { Cause, Failure } from "../Measure/Failure.ts"
import { Dialer, type Target } from "./Dialer.ts"

const causes: Readonly<Record<ConnectFailure, Cause>> = {
  Request: "local",
  Refused: "refused",
  Reset: "reset",
  Closed: "reset",
  Timeout: "timeout",
  Dns: "dns",
  Unreachable: "unreachable",
  Tls: "tls",
  Proxy: "proxy",
  Local: "local",
  System: "local",
  Status: "handshake",
  Handshake: "handshake"
}

const remedyOf = ({ detail, failure, url }: ConnectError): string => {
  if (failure === "Tls" && detail.includes("certificate"))
    return "; if you trust the server, give its certificate with --ca, or accept any with --insecure (-k)"
  return failure === "Closed" && url.startsWith("ws:") ? "; if the server speaks TLS, give a URL with wss:" : ""
}

/** Turns the error of a connection that could not be opened into a failure of the conversation. */
export const failureOf = (error: ConnectError): Failure => ({
  cause: causes[error.failure],
  kind:
    error.status === undefined
      ? `${error.detail}${remedyOf(error)}`
      : `the server answered with status ${error.status}`,
  detail: error.message,
  isFinal: isFinalFailure(error)
})

/** Milliseconds. Longer than any timeout of a scenario, because the conversation itself detects an unanswered close. */
const CLOSE_TIMEOUT = 3_700_000

/** How many local ports a client tries before it fails. */
const PORTS = 20

/** What the attempts to connect to a target have in common. Clients of one target share it. */
const prepare = ({ compression, headers, local, proxy, socketPath, subprotocols, timeout, tls, url }: Target) =>
  Client.prepare({
    url,
    headers,
    protocols: subprotocols,
    timeout,
    ...(tls === undefined ? {} : { tls }),
    ...(compression === undefined ? {} : { compression }),
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(local === undefined ? {} : { localAddress: local.address, localPort: local.nextPort() })
  })

const dialing = (reactor: Reactor["Type"]): Dialer["Type"]["unsafeDial"] => {
  const known = new WeakMap<Target, Client.Prepared>()
  /** A connection from a port of its own is prepared alone. */
  const preparedFor = (target: Target): Client.Prepared => {
    const prepared = known.get(target) ?? prepare(target)
    if (target.local === undefined) known.set(target, prepared)
    return prepared
  }
  return (target, handler) => {
    const { local } = target
    let tries = 0
    const attempt = (): (() => void) =>
      Client.unsafeConnectPrepared(reactor, preparedFor(target), {
        onOpen: (connection, { connectedAt, extensions, startedAt, tls }) => {
          const handshake = performance.now() - connectedAt
          handler.onOpen(connection, { connect: connectedAt - startedAt, handshake, tls, extensions })
          return handler
        },
        onFailure: (error) => {
          if (error.failure === "Local" && local !== undefined && ++tries < PORTS) giveUp = attempt()
          else handler.onFailure(failureOf(error))
        }
      })
    let giveUp = attempt()
    return () => giveUp()
  }
}

/** Dials over TCP and TLS. A client uses its connection directly, without a wrapper. */
export const layer: Layer.Layer<Dialer> = Layer.effect(
  Dialer,
  Effect.map(Reactor, (reactor) => ({ unsafeDial: dialing(reactor), volume: reactor.traffic }))
).pipe(Layer.provide(Reactor.layer({ closeTimeout: CLOSE_TIMEOUT })))
