/** The endpoints of paths, and the requests for them. */
import type { IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import type * as Headers from "@effect/platform/Headers"
import type { Connection } from "../Connection/Connection.ts"
import type { Handler } from "../Connection/Handler.ts"

/** The request that opened a connection. */
export interface UpgradeRequest {
  /** The request's target: path and query. */
  readonly url: string
  /** Values by name in lower case. */
  readonly headers: Headers.Headers
  /** The address of the peer, which may be a proxy. */
  readonly remoteAddress: string | undefined
  /** The parameters of the path. */
  readonly params: Readonly<Record<string, string | undefined>>
  /** The subprotocol that both sides agreed on, if any. */
  readonly protocol: string | undefined
}

/** What answers the WebSocket requests of a path, with its own limits. */
export interface Endpoint {
  /** Makes the handler of a new connection. Its functions are called for each message, in chunks. */
  readonly open: (connection: Connection, request: UpgradeRequest) => Handler
  /** Decides about a request, and may take time for it. Without it a request is accepted if the server accepts it. */
  readonly decide?: (pending: PendingUpgrade) => void
  /** The name of the endpoint's clients in metrics. */
  readonly role?: string
  /** Whether its clients must send the server's access token, if there is one. Read by the server's `admit`. */
  readonly needsToken?: boolean
  /**
   * Whether only the server's own pages may open it, even if other origins are allowed: it controls the server. Read by
   * the server's own `admit`.
   */
  readonly ownPagesOnly?: boolean
  /** The subprotocols that it speaks, the preferred one first. A client that offers none of them gets none. */
  readonly protocols?: ReadonlyArray<string>
  /** The most bytes of a message. More close the connection with 1009. The server's limit unless given. */
  readonly maxPayload?: number
  /** The most bytes to hold for a client that does not read. More close it with 1008. The server's unless given. */
  readonly maxQueued?: number
}

/** Why a request is refused, and how it is answered. */
export interface Refusal {
  /** The cause in one word, for logs and metrics. */
  readonly cause: string
  /** The HTTP status, and the body as plain text. */
  readonly status: number
  readonly text: string
}

/**
 * A request for a WebSocket that has no answer yet: one to an endpoint that decides about it, or one to a path without
 * an endpoint, which an HTTP app may accept or answer with a page.
 */
export interface PendingUpgrade {
  readonly message: IncomingMessage
  readonly socket: Socket
  /** The parameters of the endpoint's path. */
  readonly params: UpgradeRequest["params"]
  /** Opens the connection, once, after `release`. Or returns why the server refuses it, and changes nothing. */
  readonly accept: (endpoint: Endpoint, release: () => void) => Refusal | undefined
  /** Must be called with the answer if the request was not accepted. */
  readonly onRefused: (refusal: Refusal) => void
}
