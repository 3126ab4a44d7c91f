/** What a listener calls for the connections that it accepts, and the certificate that it shows them. */
import type * as Http from "node:http"
import type { Socket } from "node:net"
import type { MemoryBudget } from "../Connection/MemoryBudget.ts"
import type { DirectOptions } from "./DirectUpgrades.ts"

/** A certificate with its intermediate certificates, and its private key, in PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

export interface Listeners {
  readonly request: (request: Http.IncomingMessage, response: Http.ServerResponse) => void
  /** A request, the bytes behind it, and what to call at its accept: until then it counts as pending. */
  readonly upgrade: (request: Http.IncomingMessage, socket: Socket, head: Buffer, accepted: () => void) => void
  /** As `upgrade`, read without Node's parser. Returns `false`, and does nothing, if HTTP must answer it. */
  readonly direct: (...args: [...Parameters<DirectOptions["upgrade"]>, accepted: () => void]) => boolean
  /** Called with one word for each connection closed before a request, and each request that no listener got. */
  readonly onDropped?: (cause: string) => void
  /** Logs what a listener threw. Its connection is ended, and nothing else. */
  readonly failed: (error: unknown) => void
  /** Gets the bytes of answers that wait for clients. */
  readonly memory: MemoryBudget
}
