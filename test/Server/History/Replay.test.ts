import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as MemoryLogs from "../../../src/Log/MemoryLogs.ts"
import { decode } from "../../../src/Protocol/WatchDecoder.ts"
import * as Game from "../../../src/Server/Game/Game.ts"
import { Relay } from "../../../src/Server/Game/Relay.ts"
import { StartupBarrier } from "../../../src/Server/Game/StartupBarrier.ts"
import { ThisNode } from "../../../src/Server/Game/ThisNode.ts"
import * as Replay from "../../../src/Server/History/Replay.ts"
import { ServerConfig } from "../../../src/Server/ServerConfig.ts"
import { Watch } from "../../../src/Server/Watch/Watch.ts"
import { consoleInto } from "../consoleInto.ts"

const gameLayer = (lines: Array<string>) =>
  Game.layer.pipe(
    Layer.provide([consoleInto(lines), ThisNode.layer]),
    Layer.provide(ServerConfig.layer()),
    Layer.provideMerge(MemoryLogs.layer())
  )

describe("Replay", () => {
  it.scoped("Replay runs from its first state on, and has no workers when it has ended", () => {
    const lines: Array<string> = []
    return Effect.gen(function* () {
      const barrier = yield* StartupBarrier
      const replay = yield* Replay.begin({ width: 2, height: 2, topology: "", stateCount: 2 })
      const write = (cells: ReadonlyArray<number>, steps: ReadonlyArray<number>, states: ReadonlyArray<number>) =>
        replay.unsafeStates({
          cells: Uint32Array.from(cells),
          steps: Int32Array.from(steps),
          states: Uint8Array.from(states)
        })
      assert.deepStrictEqual(barrier.unsafeState(), {
        expected: 4,
        connected: 4,
        subscribed: 4,
        broken: 0,
        phase: "running"
      })
      assert.include(lines, "Telling workers to run")
      const relay = yield* Relay
      const [reported, observed]: [Array<string>, Array<string>] = [[], []]
      relay.unsafeWatch({
        sendFrame: (frame) => void reported.push(Buffer.from(frame, "latin1").subarray(2).toString())
      })
      const stop = relay.unsafeObserve({ reset: () => {}, record: (...state) => void observed.push(state.join(" ")) })
      write([0, 3], [0, 0], [1, 1])
      assert.deepStrictEqual(reported, ["0 0 0 1", "0 1 1 1"])
      assert.deepStrictEqual(observed, ["0 0 1", "3 0 1"])
      stop()
      // Who comes later gets the last two states of each cell.
      write([0, 1, 2, 3], [1, 0, 0, 1], [0, 1, 0, 1])
      write([0, 1, 2, 3], [2, 1, 5, 1], [1, 1, 1, 0])
      const kept: Array<string> = []
      relay.unsafeObserve({ reset: () => {}, record: (...state) => void kept.push(state.join(" ")) })
      assert.deepStrictEqual(kept, ["0 1 0", "0 2 1", "1 0 1", "1 1 1", "2 5 1", "3 0 1", "3 1 1"])
      replay.unsafeEnd()
      assert.deepStrictEqual([barrier.unsafeState().connected, barrier.unsafeState().phase], [0, "running"])
    }).pipe(Effect.provide(gameLayer(lines)))
  })

  it.scoped("pages get a whole generation as soon as it is played, and not with the next turn of a timer", () => {
    const lines: Array<string> = []
    const watch = Watch.layer.pipe(Layer.provide(consoleInto(lines)), Layer.provideMerge(gameLayer(lines)))
    return Effect.gen(function* () {
      const replay = yield* Replay.begin({ width: 2, height: 2, topology: "", stateCount: 2 })
      const got: Array<ReadonlyArray<string> | undefined> = []
      const nothing = () => {}
      const handler = (yield* Watch).unsafeFollow({
        ...{ blocked: false, send: nothing, sendFrame: nothing },
        sendPrepared: ({ message }) =>
          void got.push(typeof message === "string" ? undefined : decode(message)?.map(({ _tag }) => _tag))
      })
      const [cells, states] = [Uint32Array.of(0, 1, 2, 3), Uint8Array.of(0, 1, 0, 1)]
      // No timer runs before this function ends.
      replay.unsafeStates({ cells, states, steps: new Int32Array(4), generation: 0 })
      assert.deepStrictEqual(got, [["Server", "Game", "Cells", "Status"]])
      handler.onClose({ code: 1000, reason: "" })
    }).pipe(Effect.provide(watch))
  })
})
