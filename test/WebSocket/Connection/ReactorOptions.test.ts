/** The options of a reactor: their ranges, and the switch for what Node does not promise. */
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Reactor } from "../../../src/WebSocket/Connection/Reactor.ts"
import type { ReactorOptions } from "../../../src/WebSocket/Connection/ReactorOptions.ts"
import { echo, limit, rawWebSocket, serve } from "../Rig.ts"

const problemOf = (options: Partial<ReactorOptions>) =>
  Effect.map(Effect.exit(Effect.scoped(Layer.build(Reactor.layer(options)))), String)

describe("a reactor", () => {
  it.live("a reactor does not start with an option out of its range, and says what is expected", () =>
    Effect.gen(function* () {
      for (const [options, expected] of [
        [{ batch: 0 }, "the option batch is 0: expected a whole number of messages above 0"],
        [{ closeTimeout: -1 }, "the option closeTimeout is -1: expected milliseconds above 0, up to 2147483647"],
        [{ unreadTimeout: Number.NaN }, "the option unreadTimeout is NaN: expected milliseconds above 0"],
        [{ messageTimeout: 2 ** 31 }, "the option messageTimeout is 2147483648: expected milliseconds above 0"],
        [{ heartbeat: -5 }, "the option heartbeat is -5: expected milliseconds from 0 to 2147483647"],
        [{ maxMemory: 0 }, "the option maxMemory is 0: expected a number of bytes above 0"]
      ] as const) {
        assert.include(yield* problemOf(options), expected)
      }
    })
  )

  const echoed = (options: Partial<ReactorOptions>) =>
    Effect.gen(function* () {
      const { port, reactor } = yield* serve(echo, {}, options)
      const client = yield* rawWebSocket(port)
      client.text("hello")
      assert.strictEqual(String((yield* limit(Effect.promise(() => client.frame()))).payload), "hello")
      return reactor.directIo
    })

  it.scopedLive("a reactor reads and writes by streams if it is told to, by its option or the environment", () =>
    Effect.gen(function* () {
      const off = { reads: false, writes: false }
      assert.deepStrictEqual(yield* echoed({ directIo: false }), off)
      const environment = ConfigProvider.fromMap(new Map([["EFFECT_C10K_DIRECT_IO", "false"]]))
      assert.deepStrictEqual(yield* Effect.withConfigProvider(echoed({}), environment), off)
      assert.deepStrictEqual(yield* echoed({ directIo: true }), { reads: true, writes: true })
    })
  )
})
