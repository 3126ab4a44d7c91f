/** A server to attack, and raw sockets that send exactly the given bytes. */
import * as Net from "node:net"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import type * as Scope from "effect/Scope"
import { ServerConsole } from "../../src/Server/Operations/ServerConsole.ts"
import * as RelayServer from "../../src/Server/RelayServer.ts"
import type { ServerSettings } from "../../src/Server/ServerConfig.ts"
import { WebSocketServer } from "../../src/WebSocket/Api/WebSocketServer.ts"
import type { WebSocketRouter } from "../../src/WebSocket/Http/WebSocketRouter.ts"

/** Runs a server on a free port until the scope closes, with `more` endpoints. Returns the port. */
export const serve = (
  settings: Partial<ServerSettings> = {},
  more?: Layer.Layer<never, never, WebSocketRouter>
): Effect.Effect<number, never, Scope.Scope> =>
  Layer.build(
    RelayServer.layer({ host: "127.0.0.1", port: 0, drain: 0, ...settings }, more).pipe(
      Layer.provide(ServerConsole.layerSilent)
    )
  ).pipe(
    Logger.withMinimumLogLevel(LogLevel.None),
    Effect.map((context) => Context.get(context, WebSocketServer).port),
    Effect.orDie
  )

const KEY = "dGhlIHNhbXBsZSBub25jZQ=="

export const request = (path: string, headers: Readonly<Record<string, string>> = {}): string =>
  `${[
    `GET ${path} HTTP/1.1`,
    ...Object.entries({
      Host: "localhost",
      Upgrade: "websocket",
      Connection: "Upgrade",
      "Sec-WebSocket-Key": KEY,
      "Sec-WebSocket-Version": "13",
      ...headers
    }).map(([name, value]) => `${name}: ${value}`)
  ].join("\r\n")}\r\n\r\n`

const key = Buffer.from([0x37, 0xfa, 0x21, 0x3d])

/**
 * A frame as a client sends it, masked. `first` has the bits of the first byte beside the opcode: 0x80 means the last
 * frame.
 */
export const frame = (opcode: number, payload: string | Uint8Array, first = 0x80): Buffer => {
  const bytes = Buffer.from(payload)
  const { length } = bytes
  const header =
    length < 126
      ? Buffer.from([first | opcode, 0x80 | length])
      : length < 0x10000
        ? Buffer.from([first | opcode, 0x80 | 126, length >> 8, length & 0xff])
        : Buffer.from([first | opcode, 0x80 | 127, 0, 0, 0, 0, ...uint32(length)])
  const masked = bytes.map((byte, i) => byte ^ key[i & 3]!)
  return Buffer.concat([header, key, masked])
}

const uint32 = (n: number): ReadonlyArray<number> => [n >>> 24, (n >> 16) & 0xff, (n >> 8) & 0xff, n & 0xff]

export interface Frame {
  readonly opcode: number
  readonly payload: Buffer
}

/** A client that sends raw bytes and keeps what it receives. */
export class Peer {
  readonly socket: Net.Socket
  received = Buffer.alloc(0)
  isClosed = false
  #changed: Array<() => void> = []
  /** The buffer of `received`, with room after it. */
  #store = Buffer.alloc(0)

  constructor(socket: Net.Socket) {
    this.socket = socket
    socket.on("data", (chunk: Buffer) => {
      this.#keep(chunk)
      this.#notify()
    })
    socket.on("error", () => {})
    socket.on("close", () => {
      this.isClosed = true
      this.#notify()
    })
  }

  #keep(chunk: Buffer): void {
    const { length } = this.received
    let start = this.received.byteOffset - this.#store.byteOffset
    if (this.received.buffer !== this.#store.buffer || start + length + chunk.length > this.#store.length) {
      this.#store = Buffer.allocUnsafeSlow(2 * (length + chunk.length))
      this.received.copy(this.#store)
      start = 0
    }
    chunk.copy(this.#store, start + length)
    this.received = this.#store.subarray(start, start + length + chunk.length)
  }

  send(...parts: ReadonlyArray<string | Uint8Array>): void {
    for (const part of parts) this.socket.write(part)
  }

  /** Waits until the received bytes satisfy `f`. */
  async until<A>(f: (peer: this) => A | undefined): Promise<A> {
    for (;;) {
      const found = f(this)
      if (found !== undefined) return found
      if (this.isClosed) throw new Error(`closed after ${JSON.stringify(this.received.toString("latin1", 0, 1000))}`)
      await new Promise<void>((resolve) => this.#changed.push(resolve))
    }
  }

  async closed(): Promise<void> {
    while (!this.isClosed) await new Promise<void>((resolve) => this.#changed.push(resolve))
  }

  /** The status of the answer to the handshake. The bytes of the answer are removed from `received`. */
  async status(): Promise<number> {
    const end = await this.until(({ received }) => {
      const at = received.indexOf("\r\n\r\n")
      return at < 0 ? undefined : at + 4
    })
    const status = Number(this.received.toString("latin1", 9, 12))
    if (status === 101) this.received = this.received.subarray(end)
    return status
  }

  /** The next frame. */
  async frame(): Promise<Frame> {
    const [frame, length] = await this.until(({ received }) => {
      if (received.length < 2) return undefined
      const short = received[1]! & 0x7f
      const key = received[1]! >= 0x80 ? 4 : 0
      const start = (short < 126 ? 2 : short === 126 ? 4 : 10) + key
      if (received.length < start) return undefined
      const length = short < 126 ? short : short === 126 ? received.readUInt16BE(2) : received.readUInt32BE(6)
      if (received.length < start + length) return undefined
      const body = received.subarray(start, start + length)
      const payload = key === 0 ? body : body.map((byte, i) => byte ^ received[start - 4 + (i & 3)]!)
      return [{ opcode: received[0]! & 0x0f, payload: Buffer.from(payload) } satisfies Frame, start + length] as const
    })
    this.received = this.received.subarray(length)
    return frame
  }

  /** The code and reason of the close frame, which must be the next frame. */
  async close(): Promise<string> {
    const { opcode, payload } = await this.frame()
    if (opcode !== 8) throw new Error(`opcode ${opcode} in place of a close frame`)
    return payload.length === 0 ? "" : `${payload.readUInt16BE(0)} ${payload.toString("utf8", 2)}`
  }

  destroy(): void {
    this.socket.destroy()
  }

  #notify(): void {
    const waiting = this.#changed
    this.#changed = []
    for (const f of waiting) f()
  }
}

/** A TCP connection, destroyed at the end of the scope. */
export const dial = (port: number, localAddress?: string): Effect.Effect<Peer, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Peer>((resume) => {
      const socket = Net.connect({ host: "127.0.0.1", port, ...(localAddress === undefined ? {} : { localAddress }) })
      const peer = new Peer(socket)
      socket.once("connect", () => resume(Effect.succeed(peer)))
      socket.once("error", (error) => resume(Effect.die(error)))
    }),
    (peer) => Effect.sync(() => peer.destroy())
  )

/** Sends a handshake. Returns the status of the answer, and the peer. */
export const upgrade = Effect.fnUntraced(function* (
  port: number,
  path: string,
  headers?: Readonly<Record<string, string>>
) {
  const peer = yield* dial(port)
  peer.send(request(path, headers))
  return { peer, status: yield* Effect.promise(() => peer.status()) }
})

/** An open WebSocket; dies if it is refused. */
export const open = Effect.fnUntraced(function* (
  port: number,
  path: string,
  headers?: Readonly<Record<string, string>>
) {
  const { peer, status } = yield* upgrade(port, path, headers)
  if (status !== 101) return yield* Effect.dieMessage(`${path}: status ${status}`)
  return peer
})

/** The metrics, by name and labels as written: `effect_c10k_connections{role="worker"}`. */
export const metrics = (port: number) =>
  Effect.promise(async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
    return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]))
  })
