/** The connection to NATS and its JetStream, whose packages are optional: they are loaded when they are needed. */
import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream"
import type { NatsConnection } from "@nats-io/transport-node"
import * as Effect from "effect/Effect"
import { LogError } from "./LogError.ts"
import type { NatsOptions } from "./NatsOptions.ts"

export interface Nats {
  readonly connection: NatsConnection
  readonly client: JetStreamClient
  readonly manager: JetStreamManager
  readonly isConnected: () => boolean
  /** Calls back whenever the connection was lost and is there again. Returns a function that ends this. */
  readonly onReconnect: (callback: () => void) => () => void
}

/** Milliseconds within which a server must answer. */
const TIMEOUT = 2000

const load = Effect.tryPromise({
  try: async () => ({
    transport: await import("@nats-io/transport-node"),
    jetstream: await import("@nats-io/jetstream")
  }),
  catch: () =>
    new LogError({
      reason: "Unable",
      detail: "NATS needs two more packages: npm install @nats-io/transport-node @nats-io/jetstream"
    })
})

/** Explains an error of NATS in one line. */
export const errorOf = (servers: ReadonlyArray<string>, error: unknown): LogError => {
  const where = `NATS at ${servers.join(", ")}`
  const { message, name } = error instanceof Error ? error : new Error(String(error))
  if (name === "AuthorizationError" || /authorization|authentication|nkey|creds|jwt/i.test(message))
    return new LogError({
      reason: "Refused",
      detail: `${where} refuses these credentials (${message}): see --nats-creds`
    })
  if (name === "JetStreamNotEnabled" || /jetstream.*not (enabled|available)|no responders/i.test(message))
    return new LogError({
      reason: "Unable",
      detail: `${where} keeps no logs: start it with JetStream (nats-server --jetstream)`
    })
  if (/insufficient|no space|resource/i.test(message))
    return new LogError({ reason: "Full", detail: `${where} has no room for more: ${message}` })
  if (name === "ConnectionError" || name === "TimeoutError" || /ECONNREFUSED|ENOTFOUND|timeout|refused/i.test(message))
    return new LogError({
      reason: "Unreachable",
      detail: `${where} does not answer (${message}): expected a running nats-server with JetStream`
    })
  return new LogError({ reason: "Failed", detail: `${where}: ${message}` })
}

/** Connects. Fails if no server answers at first; after that it reconnects without end. Closed with the scope. */
export const connect = Effect.fn("NatsConnection.connect")(function* (options: NatsOptions) {
  const { transport } = yield* load
  return yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () =>
        transport.connect({
          servers: [...options.servers],
          name: options.name,
          timeout: TIMEOUT,
          maxReconnectAttempts: -1,
          reconnectTimeWait: 100,
          reconnectJitter: 50,
          // A server that hangs is noticed after two of these.
          pingInterval: 1000,
          maxPingOut: 2,
          ...(options.credentials === undefined
            ? {}
            : { authenticator: transport.credsAuthenticator(new TextEncoder().encode(options.credentials)) }),
          ...(options.token === undefined ? {} : { token: options.token })
        }),
      catch: (error) => errorOf(options.servers, error)
    }),
    (connection) => Effect.promise(() => connection.close().catch(() => {}))
  )
})

/** Connects, and makes the clients for logs in JetStream. */
export const make = Effect.fn("NatsConnection.make")(function* (options: NatsOptions) {
  const { jetstream } = yield* load
  const fail = (error: unknown) => errorOf(options.servers, error)
  const connection = yield* connect(options)
  const manager = yield* Effect.tryPromise({
    try: () => jetstream.jetstreamManager(connection, { timeout: TIMEOUT }),
    catch: fail
  })
  let connected = true
  const noticing = new Set<() => void>()
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === "disconnect" || status.type === "staleConnection") connected = false
      else if (status.type === "reconnect") {
        connected = true
        for (const callback of noticing) callback()
      }
    }
  })().catch(() => {})
  return {
    connection,
    client: jetstream.jetstream(connection, { timeout: TIMEOUT }),
    manager,
    isConnected: () => connected && !connection.isClosed(),
    onReconnect: (callback) => {
      noticing.add(callback)
      return () => void noticing.delete(callback)
    }
  } satisfies Nats
})
