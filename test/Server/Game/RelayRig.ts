/** The whole server on a free port, with the lines of its console. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schedule from "effect/Schedule"
import type { Logs } from "../../../src/Log/Log.ts"
import type { LogError } from "../../../src/Log/LogError.ts"
import * as RelayServer from "../../../src/Server/RelayServer.ts"
import type { ServerSettings } from "../../../src/Server/ServerConfig.ts"
import { WebSocketServer } from "../../../src/WebSocket/Api/WebSocketServer.ts"
import { limit, type WsClient, wsClient } from "../../WebSocket/Rig.ts"
import { consoleInto } from "../consoleInto.ts"

/** The cells of a game of 2 x 2. */
export const cells = ["0 0", "0 1", "1 0", "1 1"]

export const serveRelay = (settings: Partial<ServerSettings> = {}, logs?: Layer.Layer<Logs, LogError>) => {
  const lines: Array<string> = []
  return RelayServer.layer({ host: "127.0.0.1", port: 0, drain: 0, ...settings }, Layer.empty, logs).pipe(
    Layer.provide(consoleInto(lines)),
    Layer.provide(Logger.replace(Logger.defaultLogger, Logger.none)),
    Layer.build,
    Effect.map((context) => ({ port: Context.get(context, WebSocketServer).port, lines }))
  )
}

export const next = (client: WsClient) => limit(Effect.promise(() => client.next()))

export const closeOf = (client: WsClient) => limit(Effect.promise(() => client.closed))

/** Sends `text` to `/reset/`. Returns how the server closes. */
export const reset = (port: number, text: string | Buffer, base = "/") =>
  Effect.gen(function* () {
    const client = yield* wsClient(port, `${base}reset/`)
    client.socket.send(text)
    return yield* closeOf(client)
  })

export const worker = (port: number, base = "/") => wsClient(port, `${base}worker/`)

export const watcher = (port: number, base = "/") => wsClient(port, `${base}watcher/`)

/** Waits for `sub`, subscribes to the cells and sends `sub`. */
export const subscribe = (client: WsClient, cells: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const turn = yield* next(client)
    if (turn !== "sub") return yield* Effect.dieMessage(`expected sub, but got ${turn}`)
    for (const cell of cells) client.socket.send(cell)
    client.socket.send("sub")
  })

/**
 * A running game of 2 x 2, whose workers are on these ports in turn. They are in the order of `cells`, and each
 * subscribes to all cells except its own.
 */
export const square = Effect.fnUntraced(function* (ports: ReadonlyArray<number>, size = "2") {
  yield* reset(ports[0]!, size)
  const workers = yield* Effect.forEach(cells, (_, index) => worker(ports[index % ports.length]!))
  for (const [index, client] of workers.entries())
    yield* subscribe(
      client,
      cells.filter((_, other) => other !== index)
    )
  for (const client of workers) {
    const turn = yield* next(client)
    if (turn !== "run") return yield* Effect.dieMessage(`expected run, but got ${turn}`)
  }
  return workers
})

/** Polls until the expected value is seen. */
export const until = <A>(poll: Effect.Effect<A>, isDone: (seen: A) => boolean) =>
  limit(
    poll.pipe(
      Effect.filterOrFail(isDone, () => "not yet" as const),
      Effect.retry(Schedule.spaced(20)),
      Effect.orDie
    )
  )

/** A running game of one cell. */
export const lonely = (port: number) =>
  Effect.gen(function* () {
    yield* reset(port, "1")
    const client = yield* worker(port)
    yield* subscribe(client, [])
    yield* next(client)
    return client
  })

/** Requests pages one after the other. When the server has answered, it has handled everything that came before. */
export const settle = (port: number) =>
  limit(
    Effect.promise(async () => {
      for (let i = 0; i < 3; i++) await (await fetch(`http://127.0.0.1:${port}/test/`)).text()
    })
  )
