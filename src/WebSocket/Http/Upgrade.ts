/** Takes over HTTP requests for a WebSocket: from the `upgrade` event of `http.Server` to an open connection. */

import type { IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import * as Headers from "@effect/platform/Headers"
import * as Effect from "effect/Effect"
import type { Connection } from "../Connection/Connection.ts"
import type { ConnectionOptions, Tally } from "../Connection/ConnectionContext.ts"
import type { ConnectionGroup } from "../Connection/ConnectionGroup.ts"
import { Reactor } from "../Connection/Reactor.ts"
import { type CompressionOptions, PerMessageDeflate } from "../Frames/PerMessageDeflate.ts"
import * as CompressionHeader from "./CompressionHeader.ts"
import { EarlyBytes } from "./EarlyBytes.ts"
import type { Endpoint, PendingUpgrade, Refusal, UpgradeRequest } from "./Endpoint.ts"
import * as Handshake from "./Handshake.ts"
import type { Listeners } from "./Listeners.ts"
import { type Route, WebSocketRouter } from "./WebSocketRouter.ts"

export interface UpgradeOptions {
  /** The most bytes that a message may have. A larger one closes the connection with 1009. 1 MiB unless given. */
  readonly maxPayload: number
  /** The most frames of a message. More close the connection with 1008. 1,048,576 unless given. */
  readonly maxFragments: number
  /** The most bytes to hold for a client that does not read. More close it with 1008. 16 MiB unless given. */
  readonly maxQueued: number
  /** The most messages, fragments, pings and pongs to read in a second; more are read slower. Any unless given. */
  readonly maxRate?: number
  /** Compresses messages (permessage-deflate, RFC 7692) for clients that offer it. Without it nothing is compressed. */
  readonly compression?: CompressionOptions
  /**
   * Decides about a request before it is accepted. Returns why it is refused, or a tally that counts its connection
   * until the end. If it throws, the request is answered with 500.
   */
  readonly admit?: (request: Handshake.Request, endpoint: Endpoint) => Refusal | Tally<Connection>
  /** Called for each request that is refused, for any reason. */
  readonly onRefused?: (refusal: Refusal, request: Handshake.Request) => void
}

export const defaults: UpgradeOptions = {
  maxPayload: 1024 * 1024,
  maxFragments: 1024 * 1024,
  maxQueued: 16 * 1024 * 1024
}

const invalid: Refusal = { cause: "handshake", status: 400, text: "Invalid WebSocket handshake." }
const left: Refusal = { cause: "left", status: 499, text: "the client has left" }
const stopping: Refusal = { cause: "stopping", status: 503, text: "the server is going away\n" }
const failed: Refusal = { cause: "failed", status: 500, text: "Internal Server Error\n" }

/** Turns requests into connections of `clients`. One to a path without an endpoint is passed to `unrouted`. */
export const makeListeners = Effect.fn("Upgrade.makeListeners")(function* (
  options: UpgradeOptions,
  clients: ConnectionGroup,
  unrouted: (pending: PendingUpgrade) => void
) {
  const { faults } = yield* Reactor
  const router = yield* WebSocketRouter
  const onRefused = faults.guard("onRefused failed", options.onRefused)

  const limitsOf = ({ endpoint, path }: Route): ConnectionOptions => ({
    path,
    masked: true,
    maxPayload: endpoint.maxPayload ?? options.maxPayload,
    maxFragments: options.maxFragments,
    maxQueued: endpoint.maxQueued ?? options.maxQueued,
    ...(options.maxRate === undefined ? {} : { maxRate: options.maxRate })
  })
  /** Made once for all connections of a mounted endpoint. */
  const limits = new WeakMap<Endpoint, ConnectionOptions>()
  const sharedLimitsOf = (route: Route): ConnectionOptions => {
    const known = limits.get(route.endpoint)
    if (known !== undefined) return known
    const made = limitsOf(route)
    limits.set(route.endpoint, made)
    return made
  }

  /** Shared by the connections that agreed on the same parameters, which are the key. */
  const deflates = new Map<string, PerMessageDeflate>()
  const deflateOf = ({ agreement, answer }: CompressionHeader.Accepted): PerMessageDeflate => {
    if (!PerMessageDeflate.isShareable(agreement)) return new PerMessageDeflate(agreement, options.compression)
    const known = deflates.get(answer) ?? new PerMessageDeflate(agreement, options.compression)
    deflates.set(answer, known)
    return known
  }
  const compressionFor = (request: Handshake.Request): CompressionHeader.Accepted | undefined =>
    options.compression === undefined
      ? undefined
      : CompressionHeader.accept(request.headers["sec-websocket-extensions"], options.compression)

  /** The tally of a request's connection, or the reason why it is refused. A refusal changes nothing. */
  const admit = ({ isValid, request }: Upgrade, { endpoint, path }: Route): Admitted | Refusal => {
    if (!isValid) return invalid
    if (clients.isEnding) return stopping
    try {
      const tally = options.admit?.(request, endpoint)
      return tally !== undefined && "status" in tally ? tally : { tally }
    } catch (error) {
      faults.unsafeReport("admit failed", error, { path, peer: request.remoteAddress })
      return failed
    }
  }

  /**
   * The order matters, and nothing here may wait. First the connection joins its group, so that it ends with the group
   * whatever happens next. Then the answer is gathered, so that no frame leaves before it, even if the handler sends as
   * soon as it is made. The handler is set before `head` is pushed, whose frames it must get. Bytes that come later are
   * read in a later turn of the event loop.
   */
  const open = (
    { request, socket, accepted }: Upgrade,
    head: Buffer,
    { endpoint, params }: Route,
    limits: ConnectionOptions,
    { tally }: Admitted
  ): void => {
    accepted()
    const protocol = Handshake.agreedProtocol(request.headers, endpoint.protocols ?? [])
    const compression = compressionFor(request)
    const agreed = compression === undefined ? limits : { ...limits, compression: deflateOf(compression) }
    const connection = clients.unsafeAttach(socket, agreed, tally)
    connection.append(Handshake.accepted(request.headers["sec-websocket-key"]!, protocol, compression?.answer))
    connection.listen()
    try {
      connection.handler = endpoint.open(connection, new OpenedRequest(request, params, protocol))
    } catch (error) {
      connection.fail(error)
    }
    if (head.length > 0) connection.push(head)
    // The client ended its side before anything listened for that, as it may while an earlier request is answered.
    if (socket.readableEnded) connection.socketEnded()
  }

  const refuse = ({ request, socket }: Upgrade, refusal: Refusal): void => {
    onRefused(refusal, request)
    answer(socket, refusal)
  }

  /** Whether the endpoint is asked, which may take time for its answer. It is not asked about a request that is refused anyway. */
  const mustDecide = ({ endpoint }: Route, { isValid }: Upgrade): boolean =>
    endpoint.decide !== undefined && isValid && !clients.isEnding

  const openOrRefuse = (upgrade: Upgrade, route: Route): void => {
    const admitted = admit(upgrade, route)
    if ("status" in admitted) refuse(upgrade, admitted)
    else open(upgrade, upgrade.head, route, sharedLimitsOf(route), admitted)
  }

  /** The request, for an endpoint or an app that takes time to decide about it. */
  const pend = (upgrade: Upgrade, message: IncomingMessage, route?: Route): PendingUpgrade => {
    const { request, socket } = upgrade
    const early = new EarlyBytes(socket, upgrade.head)
    return {
      message,
      socket,
      params: route?.params ?? {},
      accept: (endpoint, release) => {
        if (socket.destroyed) return left
        const taken = { endpoint, path: pathOf(request), params: route?.params ?? {} }
        const admitted = admit(upgrade, taken)
        if ("status" in admitted) return admitted
        release()
        open(upgrade, early.take(), taken, route === undefined ? limitsOf(taken) : sharedLimitsOf(route), admitted)
        return undefined
      },
      onRefused: (refusal) => onRefused(refusal, request)
    }
  }

  const listeners: UpgradeListeners = {
    upgrade: (message, socket, head, accepted) => {
      const request = requestOf(message, socket)
      const upgrade = { request, isValid: Handshake.isValid(request), socket, head, accepted }
      const route = router.find(pathOf(request))
      if (route !== undefined && !mustDecide(route, upgrade)) openOrRefuse(upgrade, route)
      else if (route?.endpoint.decide !== undefined) route.endpoint.decide(pend(upgrade, message, route))
      else if (clients.isEnding) refuse(upgrade, stopping)
      else unrouted(pend(upgrade, message))
    },
    direct: (request, socket, head, accepted) => {
      const upgrade = { request, isValid: true, socket, head, accepted }
      const route = router.find(pathOf(request))
      if (route === undefined || mustDecide(route, upgrade)) return false
      openOrRefuse(upgrade, route)
      return true
    }
  }
  return listeners
})

/** The request of a connection. Its headers are made on demand, because few handlers read them. */
class OpenedRequest implements UpgradeRequest {
  readonly url: string
  readonly remoteAddress: string | undefined
  readonly params: UpgradeRequest["params"]
  readonly protocol: string | undefined
  readonly #headers: Handshake.Request["headers"]

  constructor(
    { headers, remoteAddress, url }: Handshake.Request,
    params: UpgradeRequest["params"],
    protocol: string | undefined
  ) {
    this.url = url
    this.#headers = headers
    this.remoteAddress = remoteAddress
    this.params = params
    this.protocol = protocol
  }

  get headers(): Headers.Headers {
    return Headers.fromInput(this.#headers)
  }
}

type UpgradeListeners = Pick<Listeners, "upgrade" | "direct">

const pathOf = ({ url }: Handshake.Request): string => url.split("?", 1)[0]!

/** A request, and what is needed to answer it. */
interface Upgrade {
  readonly request: Handshake.Request
  /** Whether the request is a valid handshake: checked once, by the reader of the request or by `upgrade`. */
  readonly isValid: boolean
  readonly socket: Socket
  /** The bytes that followed the request. */
  readonly head: Buffer
  /** Must be called when the request becomes a connection. */
  readonly accepted: () => void
}

/** The tally of a request that is accepted. */
interface Admitted {
  readonly tally: Tally<Connection> | undefined
}

/** The request that Node's parser read. */
export const requestOf = (
  { headers, httpVersion, method, url = "" }: IncomingMessage,
  { remoteAddress }: Socket
): Handshake.Request => ({ method, url, httpVersion, headers, remoteAddress })

const answer = (socket: Socket, refusal: Refusal): void => {
  // A reset while the refusal is written would otherwise be an uncaught exception.
  socket.on("error", () => {})
  const version = refusal.status === 400 ? "Sec-WebSocket-Version: 13\r\n" : ""
  socket.end(Handshake.refused(refusal, version), "latin1", () => socket.destroy())
}
