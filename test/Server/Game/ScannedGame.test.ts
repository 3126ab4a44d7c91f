/** The states of a game that its log has kept, read while another game begins. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Logs } from "../../../src/Log/Log.ts"
import * as MemoryLogs from "../../../src/Log/MemoryLogs.ts"
import * as Game from "../../../src/Server/Game/Game.ts"
import type { GameEvent } from "../../../src/Server/Game/GameEvent.ts"
import { codec } from "../../../src/Server/Game/GameEventCodec.ts"
import { ThisNode } from "../../../src/Server/Game/ThisNode.ts"
import { ServerConsole } from "../../../src/Server/Operations/ServerConsole.ts"
import { ServerConfig } from "../../../src/Server/ServerConfig.ts"

const reset = (width: number): GameEvent => ({ type: "reset", request: "r", width, height: 1, topology: "" })

describe("the states that a game's log has kept", () => {
  it.scoped(
    "the states that a game's log has kept are not taken for those of a game, or of a log, that begins while they are read",
    () => {
      let whenRead = () => {}
      let generation = "first"
      const logs = Layer.effect(
        Logs,
        Effect.map(Logs, (logs) =>
          Logs.of({
            ...logs,
            scan: (name, codec, from, each, key) => {
              const noted: typeof each = (entry, position) => {
                whenRead()
                return each(entry, position)
              }
              return logs.scan(name, codec, from, noted, key)
            },
            open: (name, options) =>
              Effect.map(logs.open(name, options), (log) => ({ ...log, unsafeGeneration: () => generation }))
          })
        )
      ).pipe(Layer.provide(MemoryLogs.layer({ keep: 1 << 20 })))
      const game = Game.layer.pipe(
        Layer.provide([ServerConsole.layerSilent, ThisNode.layer]),
        Layer.provide(ServerConfig.layer()),
        Layer.provideMerge(logs)
      )
      return Effect.gen(function* () {
        const { scan } = yield* Game.Game
        let epoch = 0
        const log = yield* Effect.flatMap(Logs, (logs) =>
          logs.open<GameEvent>("default", {
            codec,
            reader: {
              entry: (event, position) => {
                if (event.type === "reset") epoch = position
              }
            }
          })
        )
        log.unsafeAppend(reset(5))
        for (const topic of [0, 4])
          log.unsafeAppend({ type: "states", epoch, states: [{ topic, step: 0, state: 1, text: undefined }] })
        const topics: Array<number> = []
        yield* scan((topic) => void topics.push(topic))
        assert.deepStrictEqual(topics, [0, 4])
        // The log is replaced when the scan is at the second state, and another game may have the position of this one.
        let seen = 0
        whenRead = () => {
          if (++seen === 3) generation = "second"
        }
        yield* scan((topic) => void topics.push(topic))
        assert.deepStrictEqual(topics, [0, 4, 0])
        // A smaller game begins when the scan is at the second state.
        let read = 0
        whenRead = () => {
          if (++read === 3) log.unsafeAppend(reset(2))
        }
        yield* scan((topic) => void topics.push(topic))
        assert.deepStrictEqual(topics, [0, 4, 0, 0])
      }).pipe(Effect.provide(game))
    }
  )
})
