import * as Context from "effect/Context"
import type { Handler } from "../../WebSocket/Connection/Handler.ts"
import type { Traffic } from "../../WebSocket/Connection/Traffic.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { CompressionOptions } from "../../WebSocket/Frames/PerMessageDeflate.ts"
import type { TlsOptions } from "../../WebSocket/Http/Dial.ts"
import type { Failure } from "../Measure/Failure.ts"

/** The address to connect to, and how. */
export interface Target {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly subprotocols: ReadonlyArray<string>
  /** Gives the local address and port to connect from. Each call gives another port, because one may be taken. */
  readonly local: { readonly address: string; readonly nextPort: () => number } | undefined
  readonly tls: TlsOptions | undefined
  /** Offered to the server; `undefined`: nothing is. */
  readonly compression: CompressionOptions | undefined
  /** The address to connect to in place of the url's host and port: a Unix socket, or an HTTP proxy. */
  readonly socketPath: string | undefined
  readonly proxy: URL | undefined
  /** Milliseconds for connecting and for the handshake, together. */
  readonly timeout: number
}

/** How long a connection took to open, in milliseconds. */
export interface Opening {
  /** From the call to an established TCP (and TLS) connection. */
  readonly connect: number
  /** From then to the server's agreement to the WebSocket handshake. */
  readonly handshake: number
  /** The TLS handshake in it, and whether it resumed a session. */
  readonly tls?: { readonly time: number; readonly resumed: boolean } | undefined
  /** The compression that the server accepted, as it wrote it. */
  readonly extensions?: string | undefined
}

/** One open connection, as a client of the load test sees it; after its end its functions do nothing. */
export interface Link {
  /** Bytes that were sent and have not left. */
  readonly queued: number
  readonly send: (message: Message) => void
  readonly ping: (payload: string) => void
  readonly close: (code: number, reason: string) => void
  /** Ends the connection at once. */
  readonly terminate: () => void
}

/**
 * Told of a connection's life: either `onFailure` once, or `onOpen`, messages, and `onClose` once. Never called from
 * within a function of its link.
 */
export interface LinkHandler extends Handler {
  readonly onOpen: (link: Link, opening: Opening) => void
  readonly onFailure: (failure: Failure) => void
}

/** The traffic of all connections of a dialer: bytes of WebSocket frames, before TLS. */
export type Volume = Readonly<Pick<Traffic, "bytesSent" | "bytesReceived">>

/**
 * The network of a load test. Callbacks and no Effects: this is the path of every message. `dial` returns what gives
 * the attempt up before it opened, after which the handler hears nothing more.
 */
export class Dialer extends Context.Tag("effect-c10k/Echo/Dialer")<
  Dialer,
  {
    readonly unsafeDial: (target: Target, handler: LinkHandler) => () => void
    /** Since the dialer was made; it grows. */
    readonly volume: Volume
  }
>() {}
