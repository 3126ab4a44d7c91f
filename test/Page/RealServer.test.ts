import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { WebSocket } from "ws"
import * as LibraryOffer from "../../src/Cli/Serve/LibraryOffer.ts"
import * as GameDriver from "../../src/Life/Game/GameDriver.ts"
import * as SocketTransport from "../../src/Life/Game/SocketTransport.ts"
import * as Grid from "../../src/Life/Universe/Grid.ts"
import * as Rule from "../../src/Life/Universe/Rule.ts"
import * as Topology from "../../src/Life/Universe/Topology.ts"
import { decode } from "../../src/Protocol/WatchDecoder.ts"
import { SUBPROTOCOL } from "../../src/Protocol/WatchProtocol.ts"
import { ServerConsole } from "../../src/Server/Operations/ServerConsole.ts"
import * as RelayServer from "../../src/Server/RelayServer.ts"
import { WebSocketServer } from "../../src/WebSocket/Api/WebSocketServer.ts"
import { Reactor } from "../../src/WebSocket/Connection/Reactor.ts"
import { chromium, open } from "./Browser.ts"
import { drawingWorker } from "./DrawingThread.ts"
import { colourOf, eventually, untilText } from "./Harness.ts"
import { impossible, type Reported } from "./RealStates.ts"

const server = RelayServer.layer({ host: "127.0.0.1", port: 0 }).pipe(
  Layer.provide(LibraryOffer.layer({ hasControl: false })),
  Layer.provide(ServerConsole.layerSilent),
  Layer.provide(NodeContext.layer)
)

/** What a watcher is told, from its first message on. */
const watcher = (port: number) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new WebSocket(`ws://127.0.0.1:${port}/watcher/`, SUBPROTOCOL)),
      (socket) => Effect.sync(() => socket.terminate())
    ),
    (socket) => {
      const reported: Array<Reported> = []
      let expected = 0
      socket.on("message", (data: Buffer) => {
        for (const block of decode(data) ?? []) {
          if (block._tag === "Game") expected = block.width * block.height
          if (block._tag === "Status") reported.push({ ...block, expected })
        }
      })
      return reported
    }
  )

const gliderAt = (row: number, column: number) => {
  const grid = Grid.make(8, 8)
  for (const [dy, dx] of [
    [0, 1],
    [1, 2],
    [2, 0],
    [2, 1],
    [2, 2]
  ] as const)
    grid.cells[((row + dy) % 8) * 8 + ((column + dx) % 8)] = 1
  return grid
}

describe("The watch page on the real server", () => {
  it.scopedLive("The watch page on the real server shows a glider that 64 WebSocket clients live, eight steps on", () =>
    Effect.gen(function* () {
      const { port } = yield* WebSocketServer
      const browser = yield* chromium
      const { errors, page } = yield* Effect.promise(() =>
        open(browser, `http://127.0.0.1:${port}/`, { reducedMotion: "reduce" })
      )
      yield* Effect.promise(() => untilText(page, "#phase", "No game yet"))
      const reported = yield* watcher(port)
      yield* Effect.promise(() => eventually(() => assert.strictEqual(reported[0]?.phase, "idle")))
      const transport = yield* Layer.build(
        SocketTransport.layer({ url: new URL(`ws://127.0.0.1:${port}`) }).pipe(Layer.provide(Reactor.layer()))
      )
      const game = yield* GameDriver.start({
        start: gliderAt(1, 1),
        rule: Rule.life,
        topology: Topology.torus(8, 8),
        steps: 8,
        speed: 50,
        connectRate: Number.POSITIVE_INFINITY,
        resume: false,
        giveUp: Number.POSITIVE_INFINITY
      }).pipe(Effect.provide(transport))
      yield* game.done
      yield* Effect.promise(() => untilText(page, "#generation", "8"))
      yield* Effect.promise(() => untilText(page, "#population", "5"))
      yield* Effect.promise(() => untilText(page, "#spread", "all cells in step"))
      yield* Effect.promise(() => eventually(() => assert.isTrue(reported.some(({ phase }) => phase === "running"))))
      for (const each of reported) assert.deepStrictEqual(impossible(each), [])
      yield* Effect.promise(() => untilText(page, "#latency", /^[\d.,]+ (µs|ms|s)$/))
      const coloursNow = () =>
        Promise.all(
          Array.from({ length: 64 }, async (_, index) => {
            const [red, green, blue] = await colourOf(page, { width: 8, height: 8 }, index >> 3, index & 7)
            return red! + green! + blue! < 384 ? 1 : 0
          })
        )
      // The picture follows the figures at the calm rate.
      const expected = [...gliderAt(3, 3).cells]
      yield* Effect.promise(() => eventually(async () => assert.deepStrictEqual(await coloursNow(), expected)))
      yield* Effect.promise(() => drawingWorker(page))
      // The pattern library is available for the next game.
      yield* Effect.promise(() => page.locator('header [data-action="start"]').click())
      yield* Effect.promise(() => page.locator("#gallery input[value=pulsar]").waitFor({ state: "attached" }))
      assert.deepStrictEqual(errors, [])
    }).pipe(Effect.provide(server))
  )
})
