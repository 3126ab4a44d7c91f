/** A game whose log has an entry that can't be folded, as a faulty program could write it. */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Logs } from "../../../src/Log/Log.ts"
import * as MemoryLogs from "../../../src/Log/MemoryLogs.ts"
import type { GameEvent } from "../../../src/Server/Game/GameEvent.ts"
import { codec } from "../../../src/Server/Game/GameEventCodec.ts"
import { closeOf, lonely, next, reset, serveRelay, subscribe, watcher, worker } from "./RelayRig.ts"

const foreign: GameEvent = { type: "reset", request: "", width: -1, height: 1, topology: "" }

const failed = { code: 1011, reason: "the game failed on this server" }

describe("a game that fails", () => {
  it.scopedLive(
    "a game that fails closes its workers, accepts no others and is reported by /readyz, while other games go on",
    () =>
      Effect.gen(function* () {
        const logs = Context.get(yield* Layer.build(MemoryLogs.layer()), Logs)
        const { port } = yield* serveRelay({}, Layer.succeed(Logs, logs))
        const ready = () => Effect.promise(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status)
        const playing = yield* lonely(port)
        yield* reset(port, "1", "/games/other/")
        const other = yield* worker(port, "/games/other/")
        yield* subscribe(other, [])
        assert.strictEqual(yield* next(other), "run")
        assert.strictEqual(yield* ready(), 200)

        const log = yield* logs.open("default", { codec, reader: { entry: () => {} } })
        log.unsafeAppend(foreign)
        assert.deepStrictEqual(yield* closeOf(playing), failed)
        assert.deepStrictEqual(yield* closeOf(yield* worker(port)), failed)
        assert.deepStrictEqual(yield* reset(port, "1"), failed)
        assert.strictEqual(yield* ready(), 503)

        const watching = yield* watcher(port, "/games/other/")
        other.socket.send("0 0 0 1")
        assert.strictEqual(yield* next(watching), "0 0 0 1")
      })
  )
})
