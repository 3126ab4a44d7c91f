/** A server to attack, and connections of raw peers to it. */
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
import { Peer, request } from "./RawPeer.ts"

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
