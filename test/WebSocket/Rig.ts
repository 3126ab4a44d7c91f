/** Servers with the endpoints of a test, and raw clients that break the protocol where a test needs it. */
import { once } from "node:events"
import * as Net from "node:net"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import { WebSocket } from "ws"
import { type ServerOptions, WebSocketServer } from "../../src/WebSocket/Api/WebSocketServer.ts"
import type { Connection } from "../../src/WebSocket/Connection/Connection.ts"
import { Reactor } from "../../src/WebSocket/Connection/Reactor.ts"
import type { ReactorOptions } from "../../src/WebSocket/Connection/ReactorOptions.ts"
import type { Close } from "../../src/WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../src/WebSocket/Frames/Message.ts"
import type { Endpoint } from "../../src/WebSocket/Http/Endpoint.ts"
import { relay, WebSocketRouter } from "../../src/WebSocket/Http/WebSocketRouter.ts"
import { stateLimit } from "../limits.ts"
import { decode, encode, type TestFrame } from "./Frames/frames.ts"

export const reactorLayer = (options?: Partial<ReactorOptions>) => Reactor.layer(options)

/** A server on a free port of 127.0.0.1, with its reactor. */
export const serve = (
  endpoints: Layer.Layer<never, never, WebSocketRouter>,
  options: ServerOptions = {},
  reactor: Partial<ReactorOptions> = {},
  router: Layer.Layer<WebSocketRouter> = WebSocketRouter.layer
) =>
  WebSocketServer.layer({ host: "127.0.0.1", port: 0, ...options }).pipe(
    Layer.provide(endpoints),
    Layer.provide(router),
    Layer.provideMerge(Reactor.layer(reactor)),
    Layer.build,
    Effect.map((context) => ({
      port: Context.get(context, WebSocketServer).port,
      reactor: Context.get(context, Reactor)
    }))
  )

/** An endpoint that records the events of its latest connection. */
export const watched = (
  options: Partial<Endpoint> = {},
  react: (connection: Connection, message: Message) => void = () => {}
) => {
  const opened = Deferred.unsafeMake<Connection>(FiberId.none)
  const closed = Deferred.unsafeMake<Close>(FiberId.none)
  const received: Array<Message> = []
  const endpoint = relay("/", {
    ...options,
    open: (connection) => {
      Deferred.unsafeDone(opened, Effect.succeed(connection))
      return {
        onMessage: (message) => {
          received.push(message)
          react(connection, message)
        },
        onClose: (close) => Deferred.unsafeDone(closed, Effect.succeed(close))
      }
    }
  })
  return { endpoint, received, opened: Deferred.await(opened), closed: Deferred.await(closed) }
}

/** Sends each message back. */
export const echo = relay("/", {
  open: (connection) => ({ onMessage: (message) => connection.send(message), onClose: () => {} })
})

/** Fails if an effect has come to a standstill. */
export const limit = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => Effect.timeout(effect, stateLimit()))

export const openingOf = (path: string, headers = "") =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`

const key = Buffer.of(9, 8, 7, 6)

/** A TCP client. It keeps what it receives until that is asked for. */
class RawClient {
  readonly socket: Net.Socket
  #received = Buffer.alloc(0)
  #wake: (() => void) | undefined
  #ended = false
  readonly closed: Promise<unknown>

  constructor(port: number) {
    this.socket = Net.connect({ port, host: "127.0.0.1", allowHalfOpen: true })
    this.socket.on("error", () => {})
    this.socket.on("data", (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake?.()
    })
    const end = () => {
      this.#ended = true
      this.#wake?.()
    }
    this.socket.on("end", end)
    // Not `once` of node:events, which fails if an error comes before.
    this.closed = new Promise((resolve) => {
      this.socket.on("close", () => {
        end()
        resolve(undefined)
      })
    })
  }

  write(bytes: Buffer | string): void {
    this.socket.write(bytes)
  }

  send(...frames: ReadonlyArray<TestFrame>): void {
    this.write(Buffer.concat(frames.map((frame) => encode({ key, ...frame }))))
  }

  text(text: string): void {
    this.send({ fin: true, opcode: 1, payload: Buffer.from(text) })
  }

  async #until<A>(take: () => A | undefined): Promise<A> {
    for (;;) {
      const taken = take()
      if (taken !== undefined) return taken
      if (this.#ended)
        throw new Error(`the connection ended; it had sent ${JSON.stringify(this.#received.toString("latin1"))}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** The head of an HTTP answer. */
  head(): Promise<string> {
    return this.#until(() => {
      const end = this.#received.indexOf("\r\n\r\n")
      if (end < 0) return undefined
      const head = this.#received.subarray(0, end).toString("latin1")
      this.#received = this.#received.subarray(end + 4)
      return head
    })
  }

  frame(): Promise<TestFrame> {
    return this.#until(() => {
      const { frames } = decode(this.#received)
      const frame = frames[0]
      if (frame === undefined) return undefined
      this.#received = this.#received.subarray(encode(frame).length)
      return frame
    })
  }

  /** The next frame, a close frame: its code and reason. */
  async close(): Promise<readonly [code: number, reason: string]> {
    const { opcode, payload } = await this.frame()
    if (opcode !== 8) throw new Error(`expected a close frame, but got opcode ${opcode}: ${payload}`)
    return [payload.length === 0 ? 1005 : payload.readUInt16BE(0), payload.subarray(2).toString()]
  }

  /** Waits until this many bytes have come. They stay for the other methods. */
  received(count: number): Promise<true> {
    return this.#until(() => (this.#received.length >= count ? true : undefined))
  }

  /** The next bytes, as many as asked for. */
  async take(count: number): Promise<Buffer> {
    await this.received(count)
    const taken = this.#received.subarray(0, count)
    this.#received = this.#received.subarray(count)
    return taken
  }

  /** All bytes until the server ends its side. */
  async rest(): Promise<Buffer> {
    while (!this.#ended)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    return this.#received
  }
}

export const rawClient = (port: number) =>
  Effect.acquireRelease(
    Effect.sync(() => new RawClient(port)),
    (client) => Effect.sync(() => client.socket.destroy())
  )

/** A raw client after its handshake. */
export const rawWebSocket = (port: number, path = "/", headers = "") =>
  Effect.tap(rawClient(port), (client) =>
    Effect.promise(async () => {
      client.write(openingOf(path, headers))
      const head = await client.head()
      if (!head.startsWith("HTTP/1.1 101 ")) throw new Error(head)
    })
  )

/** A client of the package `ws`, with what it received and how it ended. */
export class WsClient {
  readonly socket: WebSocket
  readonly received: Array<string | Buffer> = []
  readonly opened: Promise<unknown>
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  #wake: (() => void) | undefined

  constructor(url: string, protocols: Array<string> = []) {
    this.socket = new WebSocket(url, protocols, { perMessageDeflate: false, maxPayload: 64 << 20 })
    this.socket.on("error", () => {})
    this.socket.on("message", (data: Buffer, isBinary) => {
      this.received.push(isBinary ? data : data.toString())
      this.#wake?.()
    })
    this.opened = once(this.socket, "open")
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code, reason) => {
        resolve({ code, reason: reason.toString() })
        this.#wake?.()
      })
    })
  }

  async next(): Promise<string | Buffer> {
    while (this.received.length === 0) {
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error("the connection is closed")
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.received.shift()!
  }
}

export const wsClient = (port: number, path = "/", protocols?: Array<string>) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const client = new WsClient(`ws://127.0.0.1:${port}${path}`, protocols)
      await client.opened
      return client
    }),
    (client) => Effect.sync(() => client.socket.terminate())
  )
