/** Shows a recorded game on the page of a server in this process. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as MemoryLogs from "../../Log/MemoryLogs.ts"
import { ServerConsole } from "../../Server/Operations/ServerConsole.ts"
import * as RelayServer from "../../Server/RelayServer.ts"
import { WebSocketServer } from "../../WebSocket/Api/WebSocketServer.ts"
import { ControlChannel } from "../ControlChannel.ts"
import * as Output from "../Output.ts"
import * as LibraryOffer from "../Serve/LibraryOffer.ts"
import { addressOf } from "../Serve/ServeAnnouncement.ts"
import type * as RecordingRange from "./RecordingRange.ts"
import type { ReplayOptions } from "./ReplayOptions.ts"
import { ReplayPlayer } from "./ReplayPlayer.ts"

/** Plays the recording, and then shows its last step. Pages control it until the program ends. */
export const show = Effect.fn("life.replay.show")(function* (
  range: RecordingRange.RecordingRange,
  options: ReplayOptions
) {
  const { host, port } = options
  const logs = yield* Layer.build(MemoryLogs.layer())
  // With a secret token, nobody else can start a game here.
  const tokens = [{ name: "replay", secret: Redacted.make(crypto.randomUUID()) }]
  const control = new ControlChannel(1, (asked) => player.ask(asked))
  const player = new ReplayPlayer(range, options.speed, control)
  const server = RelayServer.layer({ host, port, tokens }, control.endpoint, Layer.succeedContext(logs))
  yield* Effect.gen(function* () {
    const { port } = yield* WebSocketServer
    yield* Output.note(`Watch it at ${addressOf(host, port)} (Ctrl-C ends it)`)
    return yield* Effect.provide(player.run(), logs)
  }).pipe(
    Effect.provide(server),
    Effect.provide([LibraryOffer.layer({ hasControl: false, isReplay: true }), ServerConsole.layerSilent])
  )
})
