/** Decides which clients may open a WebSocket, and counts those that have one. */
import { hostname } from "node:os"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Connection } from "../../WebSocket/Connection/Connection.ts"
import type { Tally } from "../../WebSocket/Connection/ConnectionContext.ts"
import { SlowReader } from "../../WebSocket/Connection/LimitClose.ts"
import type { Close } from "../../WebSocket/Frames/CloseCode.ts"
import * as ClientAddress from "../../WebSocket/Http/ClientAddress.ts"
import type { Endpoint, Refusal } from "../../WebSocket/Http/Endpoint.ts"
import type * as Handshake from "../../WebSocket/Http/Handshake.ts"
import * as Origin from "../../WebSocket/Http/Origin.ts"
import { ConnectionLog } from "../Operations/ConnectionLog.ts"
import * as ConnectionMetrics from "../Operations/ConnectionMetrics.ts"
import { ServerConfig, type ServerSettings } from "../ServerConfig.ts"
import * as AccessToken from "./AccessToken.ts"

/** The owner of a game: the name of a token or, without tokens, an address (for IPv6 a /64). */
export interface Owner {
  readonly kind: "token" | "address"
  readonly name: string
}

/** The functions are called for each connection, outside of Effect. */
export class AdmissionPolicy extends Context.Tag("effect-c10k/Server/AdmissionPolicy")<
  AdmissionPolicy,
  {
    /** Returns why the request is refused, or the tally that counts the connection until its end. */
    readonly unsafeAdmit: (request: Handshake.Request, endpoint: Endpoint) => Refusal | Tally<Connection>
    /** Returns why a page is refused: its host is not this server. Any host may ask for `/healthz` and `/readyz`. */
    readonly unsafeRefusePage: (request: Handshake.Request) => Refusal | undefined
    /** The owner of what the request creates: its token's name or, without tokens, its address. None on this machine. */
    readonly unsafeOwner: (request: Pick<Handshake.Request, "url" | "headers" | "remoteAddress">) => Owner | undefined
    /** Records that a request was refused, by `unsafeAdmit` or before. */
    readonly unsafeRefused: (refusal: Refusal, request: Handshake.Request) => void
    /** Records that a connection was closed before it sent a request. */
    readonly unsafeDropped: (cause: string) => void
    /** Refuses all requests from now on. */
    readonly unsafeStop: () => void
    /** Whether one more connection would be accepted. */
    readonly unsafeIsReady: () => boolean
  }
>() {
  static readonly layer: Layer.Layer<AdmissionPolicy, never, ServerConfig | ConnectionLog> = Layer.effect(
    AdmissionPolicy,
    Effect.suspend(() => make)
  )
}

const refusal = (cause: string, status: number, text: string): Refusal => ({ cause, status, text: `${text}\n` })

/** The pages for checks of health, which ask by any name. They tell nothing of the games. */
const openToAll = new Set(["/healthz", "/readyz"])

const pathOf = (url: string): string => url.split("?", 1)[0]!

/** What the connections of one kind from one address have in common. */
interface Kind {
  readonly role: string
  /** The name of their token, if there are several tokens. */
  readonly token: string | undefined
}

/** The connections of one address. Connections of one kind share a tally, so ten thousand of them need only one. */
interface Client {
  readonly address: string
  connections: number
  readonly tallies: Map<string, Tally<Connection>>
}

const make = Effect.gen(function* () {
  const config = yield* ServerConfig
  const log = yield* ConnectionLog
  const hosts = namesOf(config)
  const speaksTls = config.certificate !== undefined
  const tokenOf = AccessToken.makeFind(config.tokens)
  const needsToken = (endpoint: Endpoint) => endpoint.needsToken === true && config.tokens.length > 0
  const isNamed = config.tokens.length > 1
  const clientOf = ClientAddress.make(config.trustedProxies)
  const clients = new Map<string, Client>()
  let open = 0
  let stopping = false

  const ended = (kind: Kind, client: Client, connection: Connection, { code, reason }: Close) => {
    const { role, token } = kind
    open--
    ConnectionMetrics.unsafeClosed(role, code, reason === SlowReader.reason && connection.closedHere)
    if (--client.connections === 0) clients.delete(client.address)
    if (!connection.closedHere || stopping) return
    const named = token === undefined ? {} : { token }
    log.unsafeClosed({ role, address: client.address, ...named, code, reason })
  }

  const clientAt = (address: string): Client => {
    const known = clients.get(address)
    if (known !== undefined) return known
    const client: Client = { address, connections: 0, tallies: new Map() }
    clients.set(address, client)
    return client
  }

  const tallyOf = (kind: Kind, client: Client): Tally<Connection> => {
    const key = kind.token === undefined ? kind.role : `${kind.role} ${kind.token}`
    const known = client.tallies.get(key)
    if (known !== undefined) return known
    const tally: Tally<Connection> = { closed: (connection, close) => ended(kind, client, connection, close) }
    client.tallies.set(key, tally)
    return tally
  }

  const connectionsOf = ({ address }: ClientAddress.RequestClient): number =>
    clients.get(ClientAddress.groupOf(address))?.connections ?? 0

  const problemOfPage = (asked: Origin.RequestOrigin, { ownPagesOnly = false }: Endpoint): Refusal | undefined => {
    if (Origin.isOwn(asked, hosts) || (!ownPagesOnly && Origin.isListed(asked, config.allowedOrigins))) return undefined
    const see = ownPagesOnly
      ? "may not control this server (see --allow-host)"
      : "may not connect here (see --allow-origin, --allow-host)"
    return refusal("origin", 403, `pages of ${asked.origin} ${see}`)
  }

  const problemOf = (
    request: Handshake.Request,
    endpoint: Endpoint,
    client: ClientAddress.RequestClient,
    token: string | undefined
  ): Refusal | undefined => {
    const { host, origin } = request.headers
    if (stopping) return refusal("stopping", 503, "the server is going away")
    if (origin === undefined && endpoint.ownPagesOnly === true && !ClientAddress.isLoopback(client.address))
      return refusal("origin", 403, "only pages of this server, and programs of its machine, may control it")
    if (origin !== undefined) {
      const isSecure = client.scheme === undefined ? speaksTls : client.scheme === "https"
      const problem = problemOfPage({ origin, host, isSecure }, endpoint)
      if (problem !== undefined) return problem
    }
    if (needsToken(endpoint) && token === undefined)
      return refusal("token", 401, "a token is needed: Authorization: Bearer TOKEN, or ?token=TOKEN")
    if (open >= config.maxConnections)
      return refusal(
        "full",
        503,
        `the server has all ${config.maxConnections} connections that it may have: try again later`
      )
    if (!ClientAddress.isLoopback(client.address) && connectionsOf(client) >= config.maxPerAddress)
      return refusal("address", 429, `one address may have at most ${config.maxPerAddress} connections`)
    return undefined
  }

  return AdmissionPolicy.of({
    unsafeAdmit: (request, endpoint) => {
      const { role = "other" } = endpoint
      const from = clientOf(request.remoteAddress, request.headers)
      const token = needsToken(endpoint) ? tokenOf(request) : undefined
      const problem = problemOf(request, endpoint, from, token)
      if (problem !== undefined) return problem
      const client = clientAt(ClientAddress.groupOf(from.address))
      open++
      client.connections++
      ConnectionMetrics.unsafeOpened(role)
      return tallyOf({ role, token: isNamed ? token : undefined }, client)
    },
    unsafeRefusePage: ({ headers, url }) => {
      const { host } = headers
      if (host === undefined || openToAll.has(pathOf(url)) || Origin.isKnownHost(host, hosts)) return undefined
      return refusal("host", 421, `this server does not know the name ${JSON.stringify(host)} (see --allow-host)`)
    },
    unsafeOwner: (request) => {
      const name = tokenOf(request)
      if (name !== undefined) return { kind: "token", name }
      const { address } = clientOf(request.remoteAddress, request.headers)
      return ClientAddress.isLoopback(address) ? undefined : { kind: "address", name: ClientAddress.groupOf(address) }
    },
    unsafeRefused: ({ cause, status }, request) => {
      ConnectionMetrics.unsafeRefused(cause)
      // Clients that come while the server stops are part of every restart.
      if (cause === "stopping") return
      log.unsafeRefused({
        cause,
        status,
        path: pathOf(request.url),
        address: clientOf(request.remoteAddress, request.headers).address
      })
    },
    unsafeDropped: (cause) => {
      ConnectionMetrics.unsafeRefused(cause)
      log.unsafeRefused({ cause })
    },
    unsafeStop: () => {
      stopping = true
      log.unsafeStopping(open)
    },
    unsafeIsReady: () => !stopping && open < config.maxConnections
  })
})

/** The server's names in the origins of its own pages. One that listens on all addresses has its machine's name too. */
const namesOf = ({ allowedHosts, host }: ServerSettings): ReadonlySet<string> => {
  const isAny = host === "0.0.0.0" || host === "::"
  return new Set([...allowedHosts, isAny ? hostname() : host].map((name) => name.toLowerCase()))
}

/** Whether a server on `host` can be reached from this machine only. */
export const isLocal = (host: string): boolean => host === "localhost" || ClientAddress.isLoopback(host)
