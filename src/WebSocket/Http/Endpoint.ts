/** The endpoints that paths lead to, and the requests for them. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import type { Connection } from "../Connection/Connection.ts"
import type { Handler } from "../Connection/Handler.ts"

/** The request of a client. */
export interface UpgradeRequest {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly remoteAddress: string | undefined
  /** What the path captured. */
  readonly params: Readonly<Record<string, string | undefined>>
  /** The subprotocol that was agreed on, if any. */
  readonly protocol: string | undefined
}

export interface Endpoint {
  /** Makes the handler of a new connection: a function call per message, in chunks. */
  readonly open: (connection: Connection, request: UpgradeRequest) => Handler
  /**
   * Decides about a request that takes time to decide about: accepts it, or answers it in another way. Without it a request is
   * accepted at once, where the server lets it in.
   */
  readonly decide?: (pending: PendingUpgrade) => void
  /** The name of its clients in the metrics. */
  readonly role?: string
  /** Whether its clients need the server's secret, where whoever admits them has one. */
  readonly needsToken?: boolean
  /** Whether only the server's own pages may open it, whichever other origins may connect. For what steers. */
  readonly ownPagesOnly?: boolean
  /** The subprotocols it speaks, best first; a client that offers none of them speaks none. */
  readonly protocols?: ReadonlyArray<string>
  /** The most bytes that a message may have, where the server's limit is not right. */
  readonly maxPayload?: number
  /** The most bytes to hold for a client that does not read, where the server's limit is not right. */
  readonly maxQueued?: number
}

/** Why a request is not let in. */
export interface Refusal {
  /** In a word, for logs and figures. */
  readonly cause: string
  readonly status: number
  readonly phrase: string
  readonly text: string
}

/**
 * A request that asks for a WebSocket and has no answer yet: one of an endpoint that decides about it, or one to a path that no
 * endpoint has, which an HTTP app may accept or answer with a page.
 */
export interface PendingUpgrade {
  readonly message: IncomingMessage
  readonly socket: Socket
  /** The parameters of the endpoint's path. */
  readonly params: UpgradeRequest["params"]
  /** Opens the connection, once; or tells why not, and nothing has changed. `release` is called before the socket is used. */
  readonly accept: (endpoint: Endpoint, release: () => void) => Refusal | undefined
  /** To be told what the request was answered where it was not accepted. */
  readonly onRefused: (refusal: Refusal) => void
}
