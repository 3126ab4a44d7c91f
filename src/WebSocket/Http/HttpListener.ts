/** A scoped `http.Server` on each address of a host, which pages and WebSockets share. */

import * as Dns from "node:dns/promises"
import type * as Http from "node:http"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Deadlines } from "../Connection/Deadlines.ts"
import { MemoryBudget } from "../Connection/MemoryBudget.ts"
import { install } from "./DirectUpgrades.ts"
import * as HttpServer from "./HttpServer.ts"
import type { Listeners } from "./Listeners.ts"
import { type PendingSocket, PendingSockets } from "./PendingSockets.ts"

/** The server can't listen. `code` is the error code of the system, such as `EADDRINUSE`; `message` says what to do. */
export class ListenError extends Schema.TaggedError<ListenError>()("ListenError", {
  host: Schema.String,
  port: Schema.Number,
  code: Schema.String
}) {
  override get message(): string {
    const where = `${this.host}:${this.port}`
    switch (this.code) {
      case "EADDRINUSE":
        return `port ${this.port} is in use on ${this.host}: end the other program, or choose another port`
      case "EACCES":
        return `no permission to listen on ${where}: choose a port of 1024 or above`
      case "EADDRNOTAVAIL":
        return `${this.host} is not an address of this machine`
      case "ENOTFOUND":
      case "EAI_AGAIN":
        return `unknown host ${this.host}: expected a name or an address of this machine`
      default:
        return `can't listen on ${where}: ${this.code}`
    }
  }
}

/** Where and how to listen. */
export interface ListenOptions extends HttpServer.ServerOptions {
  /** A name or an address. With a name, the server listens on each of its addresses that this machine has. */
  readonly host: string
  /** The port; 0 chooses a free one. */
  readonly port: number
  /** The most connections that may wait to be accepted: the backlog of `listen(2)`. 4,096 unless given. */
  readonly backlog: number
  /** How many connections may not be WebSockets at the moment. With more, the one that has waited longest is closed. */
  readonly pendingLimit: () => number
  /** Whether sockets may read past their streams. `true` unless given. */
  readonly isDirect?: boolean
  /** Lets other processes listen on the same port: the system spreads the connections. Only if `canReusePort`. */
  readonly reusePort?: boolean | undefined
  /** Another port on which the server listens too. No other process shares it. */
  readonly ownPort?: number | undefined
}

/** Whether several processes can listen on one port: from Node 22.12 on, where the system spreads connections. */
export const canReusePort = ((): boolean => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  return (major > 22 || (major === 22 && minor >= 12)) && ["linux", "freebsd"].includes(process.platform)
})()

export const defaults = {
  backlog: 4096,
  handshakeTimeout: 10_000,
  answerTimeout: HttpServer.ANSWER_TIMEOUT,
  maxHeader: 16 * 1024
}

export interface Listening {
  readonly port: number
  /** Accepts no more, and ends connections without a request; others when it is answered, but no WebSockets. */
  readonly stop: Effect.Effect<void>
  /** Waits until all connections that are not WebSockets have ended. */
  readonly ended: Effect.Effect<void>
}

/** Browsers resolve `localhost` to both loopback addresses (RFC 6761), even if the system's hosts file has only one. */
const addressesOf = async (host: string): Promise<ReadonlyArray<string>> => {
  if (host === "localhost") return ["127.0.0.1", "::1"]
  const found = await Dns.lookup(host, { all: true })
  return [...new Set(found.map(({ address }) => address))]
}

/** Listens until the scope closes. */
export const listen = Effect.fn("HttpListener.listen")(function* (options: ListenOptions, listeners: Listeners) {
  const fail = (error: NodeJS.ErrnoException, port = options.port) =>
    new ListenError({ host: options.host, port, code: error.code ?? error.message })
  const addresses = yield* Effect.tryPromise({
    try: () => addressesOf(options.host),
    catch: (error) => fail(error as NodeJS.ErrnoException)
  })
  const servers: Array<HttpServer.HttpServer> = []
  const isWrapped = options.certificate !== undefined
  const cut = ({ accepted, hasRequested, socket }: PendingSocket): void => {
    if (hasRequested) return
    if (!isWrapped || socket !== accepted) return servers[0]?.refuse(socket, HttpServer.tooLate)
    listeners.onDropped?.("tls")
    socket.destroy()
  }
  // After a busy time, what the client sent in time may not have been read yet.
  const late = (pending: PendingSocket): void => void setImmediate(() => setImmediate(cut, pending))
  const pending = new PendingSockets({
    limit: options.pendingLimit,
    onEvicted: () => listeners.onDropped?.("pending"),
    isWrapped,
    deadlines: yield* Deadlines.make(options.handshakeTimeout, late)
  })
  const listenAt = Effect.fnUntraced(function* (asked: number, bind: Bind) {
    let port = asked
    const before = servers.length
    for (const address of addresses) {
      const http = makeServer(options, listeners, pending)
      const bound = yield* Effect.either(listenOn(http.server, pending, { ...bind, host: address, port }))
      if (bound._tag === "Right") {
        port = (http.server.address() as AddressInfo).port
        servers.push(http)
        continue
      }
      // A name may have an address that this machine lacks: `localhost` is also ::1 where there is no IPv6.
      const isLacking = bound.left.code === "EADDRNOTAVAIL" || bound.left.code === "EAFNOSUPPORT"
      if (!isLacking || (servers.length === before && address === addresses.at(-1)))
        return yield* fail(bound.left, asked)
    }
    return port
  })
  const port = yield* listenAt(options.port, bindOf(options))
  if (options.ownPort !== undefined) yield* listenAt(options.ownPort, { backlog: options.backlog, exclusive: true })
  const stop = Effect.sync(() => {
    for (const { server } of servers) server.close()
    for (const { socket } of pending) {
      const busy = servers.find((http) => http.isBusy(socket))
      if (busy === undefined) socket.destroy()
      else busy.end(socket)
    }
  })
  // A scope's finalizers can't be interrupted, and a limit of time for this must.
  const ended = Effect.interruptible(pending.empty)
  const listening: Listening = { port, stop, ended }
  return listening
})

/** The options of a server's socket. `exclusive`: it belongs to this process, even in Node's cluster. */
const bindOf = ({ backlog, reusePort = false }: ListenOptions): Bind =>
  reusePort ? { backlog, reusePort, exclusive: true } : { backlog }

interface Bind {
  readonly backlog: number
  readonly reusePort?: true
  readonly exclusive?: true
}

/** Fails with `ListenError` if another program listens on the port, even one that would share it. */
export const probe = Effect.fn("HttpListener.probe")(function* (host: string, port: number) {
  const options = { ...defaults, host, port, pendingLimit: () => 0 }
  const nothing = {
    request: () => {},
    upgrade: () => {},
    direct: () => false,
    failed: () => {},
    memory: new MemoryBudget(Infinity)
  }
  yield* Effect.scoped(listen(options, nothing))
})

const makeServer = (options: ListenOptions, listeners: Listeners, pending: PendingSockets): HttpServer.HttpServer => {
  const http = HttpServer.make(options, listeners, {
    requested: (socket) => pending.requested(socket),
    upgrade: (request, socket, head) => listeners.upgrade(request, socket, head, () => pending.release(socket))
  })
  const { server } = http
  install(server, options.certificate === undefined ? "connection" : "secureConnection", {
    maxHeader: options.maxHeader,
    isDirect: options.isDirect ?? true,
    upgrade: (request, socket, head) => listeners.direct(request, socket, head, () => pending.release(socket)),
    failed: listeners.failed
  })
  server.on("connection", pending.add)
  server.on("secureConnection", pending.secured)
  // Replaces Node's own listener, which reports a client error of HTTP and leaves the socket open.
  server.removeAllListeners("tlsClientError").on("tlsClientError", (_error, socket: Duplex) => {
    listeners.onDropped?.("tls")
    socket.destroy()
  })
  return http
}

const listenOn = (
  server: Http.Server,
  pending: PendingSockets,
  options: Bind & { readonly host: string; readonly port: number }
) =>
  Effect.acquireRelease(
    Effect.async<Http.Server, NodeJS.ErrnoException>((resume) => {
      server.once("error", (error) => resume(Effect.fail(error)))
      server.listen(options, () => {
        // Later errors are not fatal: without file descriptors, for example, nothing can be accepted for a while.
        server.on("error", () => {})
        resume(Effect.succeed(server))
      })
    }),
    (server) =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
        pending.destroyAll()
      })
  )
