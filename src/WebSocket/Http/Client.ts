/** Opens WebSockets as a client at low cost: no HTTP client, no object for each frame, one read buffer for all. */
import type { Connection } from "../Connection/Connection.ts"
import type { ConnectionOptions } from "../Connection/ConnectionContext.ts"
import type { Handler } from "../Connection/Handler.ts"
import * as OptionRange from "../Connection/OptionRange.ts"
import type { Reactor } from "../Connection/Reactor.ts"
import { type CompressionOptions, PerMessageDeflate } from "../Frames/PerMessageDeflate.ts"
import * as CompressionHeader from "./CompressionHeader.ts"
import { type ConnectError, type ConnectFailure, connectError } from "./ConnectError.ts"
import * as Dial from "./Dial.ts"
import * as DialTarget from "./DialTarget.ts"
import * as Handshake from "./Handshake.ts"
import * as HandshakeKey from "./HandshakeKey.ts"

/** How to connect. Only `url` is required. */
export interface ConnectOptions extends DialTarget.DialRoute {
  /** The url of the endpoint, with the scheme `ws:` or `wss:`. */
  readonly url: URL
  /** Headers to send with the handshake, except those that the handshake sets itself. `Host` may be among them. */
  readonly headers?: Readonly<Record<string, string>>
  /** Subprotocols to offer, the preferred one first. None unless given. */
  readonly protocols?: ReadonlyArray<string>
  /** Milliseconds until the connection must be open. Later: `ConnectError`, `Timeout`. 30,000 unless given. */
  readonly timeout?: number
  /** The most bytes that a message may have. A larger one closes the connection with 1009. 16 MiB unless given. */
  readonly maxPayload?: number
  /** Offers compression (permessage-deflate, RFC 7692), which the server may accept. Not offered unless given. */
  readonly compression?: CompressionOptions
}

/** What is known when a connection is open. Times are in milliseconds, of `performance.now()`. */
interface Opened extends Omit<Dial.Ready, "socket"> {
  readonly startedAt: number
  /** The subprotocol that the server chose. */
  readonly protocol: string | undefined
  /** The `Sec-WebSocket-Extensions` header of the server's answer: the compression that it accepted. */
  readonly extensions: string | undefined
}

/** The callbacks of an attempt to connect, of which exactly one is called, once. */
export interface ConnectHandler {
  /** Makes the connection's handler. Called when the handshake is done, before any message. */
  readonly onOpen: (connection: Connection, opened: Opened) => Handler
  /** Called once, instead of `onOpen`. */
  readonly onFailure: (error: ConnectError) => void
}

const defaults = { timeout: 30_000, maxPayload: 16 * 1024 * 1024, maxQueued: 64 * 1024 * 1024 }

/** The most bytes that the head of an answer may have. */
const MAX_HEAD = 16 * 1024
const HEAD_END = "\r\n\r\n"
/** The most characters of a refusal's text that an error shows. */
const MAX_SHOWN = 200

/** Reports the error in a later turn, when the caller has the returned function, which prevents the report. */
const failSoon = (error: ConnectError, onFailure: ConnectHandler["onFailure"]): (() => void) => {
  const soon = setImmediate(() => onFailure(error))
  return () => clearImmediate(soon)
}

/** The state of an attempt. It is over when it is open, failed or given up: then nothing is called. */
type Stage =
  | { readonly _tag: "Dialling" }
  /** The request was sent. `head` is what has come of the answer, after `before` bytes of answers of 1xx. */
  | { readonly _tag: "Requested"; readonly ready: Dial.Ready; readonly head: string; readonly before: number }
  | { readonly _tag: "Over" }

type Requested = Extract<Stage, { readonly _tag: "Requested" }>

const dialling: Stage = { _tag: "Dialling" }
const over: Stage = { _tag: "Over" }

/** Checks options, and makes them ready for many connections. They must not change any more. */
export const prepare = (options: ConnectOptions) => {
  const { compression, headers = {}, protocols = [], url } = options
  const extensions =
    compression === undefined ? {} : { "Sec-WebSocket-Extensions": CompressionHeader.offer(compression) }
  return {
    options,
    /** What is wrong with the options, if anything is. */
    problem: /^wss?:$/.test(url.protocol)
      ? (Handshake.problemOfOpening(protocols, headers) ?? OptionRange.problemOf(options))
      : "expected a url that begins with ws: or wss:",
    target: DialTarget.target(url, options),
    request: Handshake.opening(url, protocols, { ...headers, ...extensions }),
    connection: {
      masked: false,
      maxPayload: options.maxPayload ?? defaults.maxPayload,
      maxFragments: Number.MAX_SAFE_INTEGER,
      maxQueued: defaults.maxQueued
    }
  }
}

export type Prepared = ReturnType<typeof prepare>

/** One attempt to open a connection: dial, ask, read the answer. */
class Attempt implements Dial.Events {
  #stage: Stage = dialling
  readonly #reactor: Reactor["Type"]
  readonly #prepared: Prepared
  readonly #opening: ConnectHandler
  readonly #startedAt = performance.now()
  readonly #key = HandshakeKey.make()
  readonly #stopTimer: () => void
  readonly #stream: Dial.Dialling

  constructor(reactor: Reactor["Type"], prepared: Prepared, opening: ConnectHandler) {
    this.#reactor = reactor
    this.#prepared = prepared
    this.#opening = opening
    const { timeout = defaults.timeout } = prepared.options
    this.#stopTimer = reactor.timer.after(timeout, () =>
      this.#fail("Timeout", `no connection within ${timeout / 1000} s`)
    )
    this.#stream = Dial.unsafeDial(prepared.target, this)
  }

  giveUp(): void {
    if (this.#end()) this.#stream.destroy()
  }

  onReady(ready: Dial.Ready): void {
    if (this.#stage._tag !== "Dialling") return
    this.#stage = { _tag: "Requested", ready, head: "", before: 0 }
    ready.socket.write(this.#prepared.request(this.#key), "latin1")
  }

  onRead(chunk: Buffer): void {
    const stage = this.#stage
    if (stage._tag !== "Requested") return
    const before = stage.head.length
    const head = stage.head + chunk.toString("latin1")
    const length = before === 0 ? Handshake.lengthOfAccepted(head, this.#key) : undefined
    if (length !== undefined) {
      const opened = { ...stage.ready, startedAt: this.#startedAt, protocol: undefined, extensions: undefined }
      return this.#open(opened, undefined, chunk.subarray(length))
    }
    const end = head.indexOf(HEAD_END, Math.max(0, before + 1 - HEAD_END.length))
    if (end >= 0) return this.#answer(head, end, stage, chunk.subarray(end + HEAD_END.length - before))
    // A TLS alert: servers of TLS send it to clients that speak plain HTTP.
    if (head.startsWith("\x15\x03"))
      return this.#fail("Handshake", "the server answered in TLS: should the url begin with wss: or https:?")
    if (stage.before + head.length > MAX_HEAD) return this.#tooLong()
    this.#stage = { ...stage, head }
  }

  /** The head of the answer is complete and ends at `end`. `rest` are the first bytes of the connection. */
  #answer(text: string, end: number, { before, ready }: Requested, rest: Buffer): void {
    const response = Handshake.parseResponse(text.slice(0, end))
    if (response === undefined) return this.#fail("Handshake", "the answer is not HTTP")
    // Such an answer comes before the one that counts (RFC 9110, section 15.2).
    if (response.status < 200 && response.status !== 101) {
      const length = before + end + HEAD_END.length
      if (length > MAX_HEAD) return this.#tooLong()
      this.#stage = { _tag: "Requested", ready, head: "", before: length }
      return rest.length > 0 ? this.onRead(rest) : undefined
    }
    if (response.status !== 101) {
      const start = end + HEAD_END.length
      const lines = text.slice(start, start + MAX_SHOWN).split("\n", 2)
      // A chunked body begins with a line that has the length of the first chunk.
      const line = lines[response.headers.get("transfer-encoding") === "chunked" ? 1 : 0] ?? ""
      return this.onFailure(connectError(this.#prepared.options.url, "Status", line.trim(), response))
    }
    const { compression, protocols = [] } = this.#prepared.options
    const accept = Handshake.acceptKey(this.#key)
    const problem = Handshake.problemOf(response, accept, protocols, compression !== undefined)
    if (problem !== undefined) return this.#fail("Handshake", problem)
    const extensions = response.headers.get("sec-websocket-extensions")
    const agreement = extensions === undefined ? undefined : CompressionHeader.agreed(extensions, compression ?? {})
    if (typeof agreement === "string") return this.#fail("Handshake", agreement)
    const deflate = agreement === undefined ? undefined : new PerMessageDeflate(agreement, compression)
    const protocol = response.headers.get("sec-websocket-protocol")
    this.#open({ ...ready, startedAt: this.#startedAt, protocol, extensions }, deflate, rest)
  }

  #open(
    { socket, ...opened }: Opened & Pick<Dial.Ready, "socket">,
    compression: PerMessageDeflate | undefined,
    rest: Buffer
  ): void {
    this.#end()
    const options: ConnectionOptions = this.#prepared.connection
    const connection = this.#reactor.unsafeAttach(
      socket,
      compression === undefined ? options : { ...options, compression }
    )
    this.#stream.release(connection)
    connection.handler = this.#opening.onOpen(connection, opened)
    if (rest.length > 0) connection.push(rest)
  }

  #tooLong(): void {
    this.#fail("Handshake", `the head of the answer is longer than ${MAX_HEAD} bytes`)
  }

  #fail(failure: ConnectFailure, detail: string): void {
    this.onFailure(connectError(this.#prepared.options.url, failure, detail))
  }

  onFailure(error: ConnectError): void {
    if (!this.#end()) return
    this.#stream.destroy()
    this.#opening.onFailure(error)
  }

  /** Ends the attempt. Returns whether it was not over before. */
  #end(): boolean {
    if (this.#stage._tag === "Over") return false
    this.#stage = over
    this.#stopTimer()
    return true
  }
}

/** Starts to connect. Returns a function that gives up, after which nothing is called. */
export const unsafeConnect = (
  reactor: Reactor["Type"],
  options: ConnectOptions,
  opening: ConnectHandler
): (() => void) => unsafeConnectPrepared(reactor, prepare(options), opening)

/** As `unsafeConnect`, with prepared options. */
export const unsafeConnectPrepared = (
  reactor: Reactor["Type"],
  prepared: Prepared,
  opening: ConnectHandler
): (() => void) => {
  const { options, problem } = prepared
  if (problem !== undefined) return failSoon(connectError(options.url, "Request", problem), opening.onFailure)
  const attempt = new Attempt(reactor, prepared, opening)
  return () => attempt.giveUp()
}
