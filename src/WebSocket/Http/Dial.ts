/** Opens the byte stream to the server of a url: TCP, TLS or a Unix socket, directly or through an HTTP proxy. */
import * as Net from "node:net"
import * as Tls from "node:tls"
import * as Authority from "../../Text/Authority.ts"
import * as BasicAuthorization from "../../Text/BasicAuthorization.ts"
import * as SocketListeners from "../Connection/SocketListeners.ts"
import { type ConnectError, connectError } from "./ConnectError.ts"
import type * as DialTarget from "./DialTarget.ts"
import * as Handshake from "./Handshake.ts"

/** A stream that is open. Times are in milliseconds, of `performance.now()`. */
export interface Ready {
  readonly socket: Net.Socket
  /** When the TCP connection was open, or the TLS handshake was done if there is one. */
  readonly connectedAt: number
  /** The milliseconds that the TLS handshake took, and whether it resumed a session. Undefined without TLS. */
  readonly tls: { readonly time: number; readonly resumed: boolean } | undefined
}

export interface Events {
  readonly onReady: (ready: Ready) => void
  /** Called with what is read before `release`. A chunk is valid only during the call. */
  readonly onRead: (chunk: Buffer) => void
  /** Called at most once, and not after `release`. */
  readonly onFailure: (error: ConnectError) => void
}

export interface Dialling {
  /** Gives the socket to another owner. */
  readonly release: (to: SocketListeners.SocketOwner) => void
  readonly destroy: () => void
}

/** The most bytes of the head of a proxy's answer. */
const MAX_HEAD = 16 * 1024

/** The owner of the sockets of attempts that were given up. */
const nobody: SocketListeners.SocketOwner = { push: () => {}, socketEnded: () => {}, socketClosed: () => {} }

const connectRequest = (url: URL, proxy: URL): string => {
  const authority = Authority.format(Authority.of(url))
  const credentials = BasicAuthorization.of(proxy)
  const authorization = credentials === undefined ? "" : `Proxy-Authorization: ${credentials}\r\n`
  return `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`
}

/** The failure for options that Node refuses by throwing: a certificate that is not PEM, or an invalid address. */
const optionError = (url: URL, cause: unknown): ConnectError => {
  const error: NodeJS.ErrnoException & { readonly reason?: string } =
    cause instanceof Error ? cause : new Error(String(cause))
  return connectError(
    url,
    "Request",
    error.code?.startsWith("ERR_OSSL") === true
      ? `the certificates or the key can't be used (${error.reason ?? error.message}): expected PEM, and a key that fits the certificate`
      : `an option can't be used: ${error.message}`
  )
}

class Attempt implements Dialling, SocketListeners.SocketOwner {
  #socket: Net.Socket
  #tcpAt = Number.NaN
  /** The proxy's answer so far. Undefined when it is complete, or there is no proxy. */
  #head: string | undefined
  /** The url that errors name: the proxy's until it has connected us. */
  #peer: URL
  #released = false
  readonly #target: DialTarget.DialPlan
  readonly #events: Events

  constructor(to: DialTarget.DialPlan, events: Events) {
    this.#target = to
    this.#events = events
    this.#peer = to.route.proxy ?? to.url
    this.#socket = this.#connect(to.options)
  }

  release(to: SocketListeners.SocketOwner): void {
    if (this.#released) return
    this.#released = true
    SocketListeners.listenForEnd(this.#socket, to)
  }

  destroy(): void {
    this.release(nobody)
    this.#socket.destroy()
  }

  socketFailed(error: NodeJS.ErrnoException): void {
    this.#fail(connectError(this.#peer, error))
  }

  socketEnded(): void {
    const who = this.#peer === this.#target.url ? "server" : "proxy"
    this.#fail(connectError(this.#peer, "Closed", `the ${who} closed the connection before it was open`))
  }

  socketClosed(): void {
    this.socketEnded()
  }

  push(bytes: Buffer, end: number): void {
    if (this.#head === undefined) this.#events.onRead(bytes.subarray(0, end))
    else this.#hearProxy(bytes.toString("latin1", 0, end))
  }

  #connect(options: Net.NetConnectOpts): Net.Socket {
    const { proxy, stream } = this.#target.route
    if (stream !== undefined) {
      setImmediate(() => this.#ready())
      return this.#asStream(stream())
    }
    const secure = this.#target.url.protocol === "wss:"
    if (proxy !== undefined) {
      // A socket that TLS will take over can't read into a buffer of its own.
      if (secure) return this.#asStream(Net.connect({ ...options, onread: undefined }, () => this.#askProxy()))
      return this.#owned(Net.connect(options, () => this.#askProxy()))
    }
    if (!secure) return this.#owned(Net.connect(options, () => this.#ready()))
    return this.#owned(this.#secure({ ...this.#target.secure(), ...options }))
  }

  #owned<S extends Net.Socket>(socket: S): S {
    SocketListeners.listenForEnd(socket, this)
    return socket
  }

  #asStream<S extends Net.Socket>(socket: S): S {
    SocketListeners.listenAsStream(socket, this)
    return socket
  }

  #secure(options: Tls.ConnectionOptions): Tls.TLSSocket {
    const socket = Tls.connect(options, () => this.#ready())
    const onSession = this.#target.route.tls?.onSession
    if (onSession !== undefined) socket.on("session", onSession)
    socket.once("connect", () => {
      this.#tcpAt = performance.now()
    })
    return socket
  }

  #ready(): void {
    if (this.#released) return
    const socket = this.#socket
    const connectedAt = performance.now()
    const tls =
      socket instanceof Tls.TLSSocket
        ? { time: connectedAt - this.#tcpAt, resumed: socket.isSessionReused() }
        : undefined
    this.#events.onReady({ socket, connectedAt, tls })
  }

  #askProxy(): void {
    this.#head = ""
    this.#socket.write(connectRequest(this.#target.url, this.#peer), "latin1")
  }

  #hearProxy(text: string): void {
    const head = (this.#head ?? "") + text
    this.#head = head
    const end = head.indexOf("\r\n\r\n")
    if (end < 0) {
      if (head.length > MAX_HEAD)
        this.#fail(connectError(this.#peer, "Proxy", `the head of the proxy's answer is longer than ${MAX_HEAD} bytes`))
      return
    }
    const response = Handshake.parseResponse(head.slice(0, end))
    if (response === undefined) return this.#fail(connectError(this.#peer, "Proxy", "the proxy's answer is not HTTP"))
    if (response.status < 200 || response.status > 299) {
      const { phrase, status } = response
      return this.#fail(connectError(this.#peer, "Proxy", `the proxy answered ${status} ${phrase}`.trim()))
    }
    this.#head = undefined
    this.#peer = this.#target.url
    this.#enter(head.slice(end + 4))
  }

  /** The proxy now forwards all bytes. In TLS and HTTP the client speaks first, so more of the proxy is an error. */
  #enter(rest: string): void {
    if (rest !== "")
      return this.#fail(
        connectError(this.#peer, "Proxy", "the proxy sent more bytes after its answer, where none were expected")
      )
    if (this.#target.url.protocol !== "wss:") return this.#ready()
    const socket = this.#socket
    SocketListeners.unlisten(socket)
    this.#tcpAt = performance.now()
    try {
      this.#socket = this.#asStream(this.#secure({ ...this.#target.secure(), socket }))
    } catch (error) {
      this.#fail(optionError(this.#target.url, error))
    }
  }

  #fail(error: ConnectError): void {
    if (this.#released) return
    this.destroy()
    this.#events.onFailure(error)
  }
}

/** Starts to open a stream. `events` tells how that ends; nothing is called after `destroy`. */
export const unsafeDial = (to: DialTarget.DialPlan, events: Events): Dialling => {
  try {
    return new Attempt(to, events)
  } catch (error) {
    // Reported in a later turn, like every failure, so that the caller already has the result.
    const soon = setImmediate(() => events.onFailure(optionError(to.url, error)))
    const cancel = () => clearImmediate(soon)
    return { release: cancel, destroy: cancel }
  }
}
