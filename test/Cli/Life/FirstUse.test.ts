/** What `life` says to somebody who uses it for the first time. */
import type { AddressInfo } from "node:net"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { WebSocketServer } from "ws"
import * as Cli from "../../../src/Cli/Cli.ts"
import { eventually } from "../../eventually.ts"
import * as ServerRig from "../../Server/ServerRig.ts"
import * as CliRig from "../CliRig.ts"

const life = (outputs: CliRig.Outputs, ...args: ReadonlyArray<string>) =>
  Cli.run(["node", "effect-c10k", "life", ...args]).pipe(
    Effect.provide(outputs.layer),
    Effect.provide([NodeContext.layer, CliRig.layer])
  )

/** A server on the package `ws` that echoes every message. */
const echoServer = Effect.acquireRelease(
  Effect.async<WebSocketServer>((resume) => {
    const server: WebSocketServer = new WebSocketServer({ port: 0, host: "127.0.0.1" }, () =>
      resume(Effect.succeed(server))
    )
    server.on("connection", (socket) => {
      socket.on("message", (message) => socket.send(String(message)))
      socket.on("error", () => {})
    })
  }),
  (server) =>
    Effect.async<void>((resume) => {
      for (const client of server.clients) client.terminate()
      server.close(() => resume(Effect.void))
    })
)

const portOf = (server: WebSocketServer): number => (server.address() as AddressInfo).port

describe("life for the first time", () => {
  it.scopedLive("life for the first time says that a server is no relay, and does not wait for it", () =>
    Effect.gen(function* () {
      const port = portOf(yield* echoServer)
      const { message } = yield* Effect.flip(life(new CliRig.Outputs(), "--url", `ws://127.0.0.1:${port}`, "-s", "4"))
      assert.match(
        message,
        /^the server does not follow the protocol of the game: it answered .*; is it another program\?$/
      )
    })
  )

  it.scopedLive(
    "life for the first time says where to watch, how far it is, and which game it ends; the other game says who ended it",
    () =>
      Effect.gen(function* () {
        const port = yield* ServerRig.serve()
        const url = `ws://127.0.0.1:${port}`
        const [first, second] = [new CliRig.Outputs(), new CliRig.Outputs()]
        const lost = yield* Effect.fork(life(first, "--url", url, "-s", "4", "-n", "1000000"))
        yield* Effect.promise(() => eventually(() => assert.match(first.notes, /step \d+ of 1,000,000 {3}\d+ alive/)))
        assert.include(first.notes, `Watch it at http://127.0.0.1:${port}/\n`)
        assert.notInclude(first.notes, "ends the game")
        yield* life(second, "--url", url, "-s", "5", "-n", "2", "-l", "1000")
        assert.include(
          second.notes,
          `This ends the game of 4 x 4 cells on this server. To play beside it: --url ws://127.0.0.1:${port}/games/NAME/\n`
        )
        const { message } = yield* Effect.flip(Fiber.join(lost))
        assert.match(
          message,
          /a new game was started \(code 4000\); somebody started another game there\. Several games play/
        )
      })
  )
})
