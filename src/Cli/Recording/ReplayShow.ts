/** Shows a recorded game on the page of a server in this process. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as MemoryLogs from "../../Log/MemoryLogs.ts"
import * as Replay from "../../Server/History/Replay.ts"
import { ServerConsole } from "../../Server/Operations/ServerConsole.ts"
import * as RelayServer from "../../Server/RelayServer.ts"
import { WebSocketServer } from "../../WebSocket/Api/WebSocketServer.ts"
import * as Output from "../Output.ts"
import * as LibraryOffer from "../Serve/LibraryOffer.ts"
import { addressOf } from "../Serve/ServeAnnouncement.ts"
import * as RecordingRange from "./RecordingRange.ts"
import type { ReplayOptions } from "./ReplayOptions.ts"

/** When a group is due, in milliseconds from the start: at its recorded time, or by `speed` in steps per second. */
const dueOf = (range: RecordingRange.RecordingRange, speed: Option.Option<number>) => {
  let begun: number | undefined
  return ({ states, time }: RecordingRange.Group): number => {
    begun ??= time
    if (Option.isNone(speed)) return time - begun
    const step = states.reduce((least, [, each]) => Math.min(least, each), Number.POSITIVE_INFINITY)
    return ((step - range.from) * 1000) / speed.value
  }
}

/** A wait of at most this many milliseconds is skipped. */
const SLACK = 10

const play = Effect.fn("life.replay.play")(function* (range: RecordingRange.RecordingRange, { speed }: ReplayOptions) {
  const replay = yield* Replay.begin(range.game)
  const due = dueOf(range, speed)
  const start = yield* Clock.currentTimeMillis
  const groups = range.groups()[Symbol.iterator]()
  for (;;) {
    const next = yield* RecordingRange.through(range, () => groups.next())
    if (next.done === true) break
    const wait = start + due(next.value) - (yield* Clock.currentTimeMillis)
    // Even without a wait the event loop must turn, to serve the page and to handle signals.
    yield* Effect.sleep(wait > SLACK ? wait : 0)
    for (const state of next.value.states) replay.unsafeState(...state)
  }
  replay.unsafeEnd()
})

/** Plays the recording once, and then shows its last step until the program ends. */
export const show = Effect.fn("life.replay.show")(function* (
  range: RecordingRange.RecordingRange,
  options: ReplayOptions
) {
  const { host, port } = options
  const logs = yield* Layer.build(MemoryLogs.layer())
  // With a secret token, nobody else can start a game here.
  const tokens = [{ name: "replay", secret: Redacted.make(crypto.randomUUID()) }]
  const server = RelayServer.layer({ host, port, tokens }, undefined, Layer.succeedContext(logs))
  yield* Effect.gen(function* () {
    const { port } = yield* WebSocketServer
    yield* Output.note(`Watch it at ${addressOf(host, port)} (Ctrl-C ends it)`)
    yield* Effect.provide(play(range, options), logs)
    yield* Output.note("The recording has ended; its last step stays (Ctrl-C ends it)")
    return yield* Effect.never
  }).pipe(
    Effect.provide(server),
    Effect.provide([LibraryOffer.layer({ hasControl: false }), ServerConsole.layerSilent])
  )
})
