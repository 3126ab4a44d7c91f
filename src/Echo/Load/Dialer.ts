import * as Context from "effect/Context"
import type { Handler } from "../../WebSocket/Connection/Handler.ts"
import type { Traffic } from "../../WebSocket/Connection/Traffic.ts"
import type { CompressionOptions } from "../../WebSocket/Frames/PerMessageDeflate.ts"
import type { TlsOptions } from "../../WebSocket/Http/DialTarget.ts"
import type { Failure } from "../Measure/Failure.ts"
import type { ScriptConnection } from "../Scenario/Player.ts"

export interface Target {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly subprotocols: ReadonlyArray<string>
  /** The local address and ports to connect from. Each call of `nextPort` gives another port, because a port may be in use. */
  readonly local: { readonly address: string; readonly nextPort: () => number } | undefined
  readonly tls: TlsOptions | undefined
  /** The compression to offer; `undefined`: none. */
  readonly compression: CompressionOptions | undefined
  /** A Unix socket to connect to instead of the URL's host and port. */
  readonly socketPath: string | undefined
  /** An HTTP proxy to connect through; `undefined`: none. */
  readonly proxy: URL | undefined
  /** The most time for connecting and the handshake together, in milliseconds. */
  readonly timeout: number
}

/** How long a connection took to open, in milliseconds. */
export interface Opening {
  /** From the call to an established TCP (and TLS) connection. */
  readonly connect: number
  /** From then until the server has accepted the WebSocket handshake. */
  readonly handshake: number
  /** The time of the TLS handshake, which is part of `connect`, and whether it resumed a session. */
  readonly tls?: { readonly time: number; readonly resumed: boolean } | undefined
  /** The compression that the server accepted, as it wrote it. */
  readonly extensions?: string | undefined
}

/** One open connection, as a client of the load test sees it. Its functions do nothing after its end. */
export type DialledConnection = ScriptConnection

/**
 * Gets the events of a connection: either `onFailure` once, or `onOpen`, then messages, then `onClose` once. It is never called
 * during a call of a function of its link.
 */
export interface DialHandler extends Handler {
  readonly onOpen: (link: DialledConnection, opening: Opening) => void
  readonly onFailure: (failure: Failure) => void
}

/** The traffic of all connections of a dialer: bytes of WebSocket frames, before TLS. */
export type Volume = Readonly<Pick<Traffic, "bytesSent" | "bytesReceived">>

/**
 * The network of a load test. It uses callbacks instead of Effects, because every message takes this path. `unsafeDial` returns
 * a function that gives up the attempt before it has opened. After that the handler gets no events.
 */
export class Dialer extends Context.Tag("effect-c10k/Echo/Dialer")<
  Dialer,
  {
    readonly unsafeDial: (target: Target, handler: DialHandler) => () => void
    /** The bytes since the dialer was made. */
    readonly volume: Volume
  }
>() {}
