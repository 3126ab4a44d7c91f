/** Decides who may open a WebSocket, and keeps count of who has one. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Connection, SLOW_READER } from "../../WebSocket/Connection/Connection.ts"
import type { Tally } from "../../WebSocket/Connection/ConnectionContext.ts"
import type { Close } from "../../WebSocket/Frames/CloseCode.ts"
import type * as Handshake from "../../WebSocket/Http/Handshake.ts"
import type { Refusal } from "../../WebSocket/Http/Upgrade.ts"
import type { Endpoint } from "../../WebSocket/Http/WebSocketRouter.ts"
import { ConnectionLog } from "../Operations/ConnectionLog.ts"
import * as ConnectionMetrics from "../Operations/ConnectionMetrics.ts"
import { ServerConfig } from "../ServerConfig.ts"
import * as AccessToken from "./AccessToken.ts"
import * as ClientAddress from "./ClientAddress.ts"
import * as Origin from "./Origin.ts"

/** The functions are called for each connection, outside of Effect. */
export class Admission extends Context.Tag("effect-c10k/Server/Admission")<
  Admission,
  {
    /** Why the request is refused, or who counts the connection until its end. */
    readonly unsafeAdmit: (request: Handshake.Request, endpoint: Endpoint) => Refusal | Tally<Connection>
    /** A request was refused, by `unsafeAdmit` or before. */
    readonly unsafeRefused: (refusal: Refusal, request: Handshake.Request) => void
    /** A connection was closed before it had asked for anything. */
    readonly unsafeDropped: (cause: string) => void
    /** Lets nobody in from now on. */
    readonly unsafeStop: () => void
    /** Whether one more connection would be let in. */
    readonly unsafeIsReady: () => boolean
  }
>() {
  static readonly layer: Layer.Layer<Admission, never, ServerConfig | ConnectionLog> = Layer.effect(
    Admission,
    Effect.suspend(() => make)
  )
}

const refusal = (cause: string, status: number, phrase: string, text: string): Refusal => ({
  cause,
  status,
  phrase,
  text: `${text}\n`
})

/** Who has connections, and what those of one role share: ten thousand connections of one client need one function. */
interface Client {
  readonly address: string
  connections: number
  readonly tallies: Map<string, Tally<Connection>>
}

/** The roles that take part in the game; all others only look. */
const taking = new Set(["worker", "reset"])

/** The role of pages that steer a game: only those that this server served, whichever others may look. */
const STEERING = "control"

const make = Effect.gen(function* () {
  const config = yield* ServerConfig
  const log = yield* ConnectionLog
  const origins = { allowed: config.allowedOrigins, local: isLocal(config.host) && config.trustedProxies.length === 0 }
  const ownOrigin = { ...origins, allowed: [] }
  const hasToken = config.token === undefined ? () => true : AccessToken.makeCheck(config.token)
  const addressOf = ClientAddress.make(config.trustedProxies)
  const clients = new Map<string, Client>()
  let open = 0
  let stopping = false

  const ended = (role: string, client: Client, connection: Connection, { code, reason }: Close) => {
    open--
    ConnectionMetrics.unsafeClosed(role, code, reason === SLOW_READER && connection.closedHere)
    if (--client.connections === 0) clients.delete(client.address)
    if (connection.closedHere && !stopping) log.unsafeClosed({ role, address: client.address, code, reason })
  }

  const clientAt = (address: string): Client => {
    const known = clients.get(address)
    if (known !== undefined) return known
    const client: Client = { address, connections: 0, tallies: new Map() }
    clients.set(address, client)
    return client
  }

  const tallyOf = (role: string, client: Client): Tally<Connection> => {
    const known = client.tallies.get(role)
    if (known !== undefined) return known
    const tally: Tally<Connection> = { closed: (connection, close) => ended(role, client, connection, close) }
    client.tallies.set(role, tally)
    return tally
  }

  const problemOf = (request: Handshake.Request, role: string, address: string): Refusal | undefined => {
    const { headers } = request
    if (stopping) return refusal("stopping", 503, "Service Unavailable", "the server is going away")
    if (role === STEERING && !Origin.isAllowed(ownOrigin, headers.origin, headers.host))
      return refusal("origin", 403, "Forbidden", `pages of ${headers.origin} may not steer this game`)
    if (!Origin.isAllowed(origins, headers.origin, headers.host))
      return refusal("origin", 403, "Forbidden", `pages of ${headers.origin} may not connect here (see --allow-origin)`)
    if (taking.has(role) && !hasToken(request))
      return refusal("token", 401, "Unauthorized", "a token is needed: Authorization: Bearer TOKEN, or ?token=TOKEN")
    if (open >= config.maxConnections)
      return refusal("full", 503, "Service Unavailable", `the server has its ${config.maxConnections} connections`)
    if (!ClientAddress.isLoopback(address) && (clients.get(address)?.connections ?? 0) >= config.maxPerAddress)
      return refusal("address", 429, "Too Many Requests", `at most ${config.maxPerAddress} connections of one address`)
    return undefined
  }

  return Admission.of({
    unsafeAdmit: (request, { role = "other" }) => {
      const address = ClientAddress.groupOf(addressOf(request.remoteAddress, request.headers))
      const problem = problemOf(request, role, address)
      if (problem !== undefined) return problem
      const client = clientAt(address)
      open++
      client.connections++
      ConnectionMetrics.unsafeOpened(role)
      return tallyOf(role, client)
    },
    unsafeRefused: ({ cause, status }, request) => {
      ConnectionMetrics.unsafeRefused(cause)
      const path = request.url.split("?", 1)[0]!
      log.unsafeRefused({ cause, status, path, address: addressOf(request.remoteAddress, request.headers) })
    },
    unsafeDropped: (cause) => {
      ConnectionMetrics.unsafeRefused(cause)
      log.unsafeRefused({ cause })
    },
    unsafeStop: () => {
      stopping = true
    },
    unsafeIsReady: () => !stopping && open < config.maxConnections
  })
})

/** Whether a server on `host` is reached from this machine only. */
export const isLocal = (host: string): boolean => host === "localhost" || ClientAddress.isLoopback(host)
