/** A scoped `http.Server` on each address of a host, which the pages and the WebSockets share. */

import * as Dns from "node:dns/promises"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** The server can't listen. */
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

export interface ListenOptions {
  /** A name or an address; a name is listened to on all of its addresses that this machine has. */
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** Connections that may wait to be accepted. */
  readonly backlog?: number
}

export interface Listeners {
  readonly request: (request: Http.IncomingMessage, response: Http.ServerResponse) => void
  readonly upgrade: (request: Http.IncomingMessage, socket: Duplex, head: Buffer) => void
}

/** Listens until the scope closes; gives the port. */
export const listen = Effect.fn("HttpListener.listen")(function* (options: ListenOptions, listeners: Listeners) {
  const fail = (error: NodeJS.ErrnoException) =>
    new ListenError({ host: options.host, port: options.port, code: error.code ?? error.message })
  const found = yield* Effect.tryPromise({
    try: () => Dns.lookup(options.host, { all: true }),
    catch: (error) => fail(error as NodeJS.ErrnoException)
  })
  const addresses = [...new Set(found.map(({ address }) => address))]
  let port = options.port
  let listening = 0
  for (const address of addresses) {
    const bound = yield* Effect.either(listenOn(address, port, options.backlog ?? 4096, listeners))
    if (bound._tag === "Right") {
      port = bound.right
      listening++
      continue
    }
    // A name may have an address that this machine lacks: `localhost` is ::1 too where there is no IPv6.
    const isLacking = bound.left.code === "EADDRNOTAVAIL" || bound.left.code === "EAFNOSUPPORT"
    if (!isLacking || (listening === 0 && address === addresses.at(-1))) return yield* fail(bound.left)
  }
  return port
})

const listenOn = (address: string, port: number, backlog: number, { request, upgrade }: Listeners) =>
  Effect.acquireRelease(
    Effect.async<Http.Server, NodeJS.ErrnoException>((resume) => {
      const server = Http.createServer(request)
      server.on("upgrade", upgrade)
      server.once("error", (error) => resume(Effect.fail(error)))
      server.listen({ host: address, port, backlog }, () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  ).pipe(Effect.map((server) => (server.address() as AddressInfo).port))
