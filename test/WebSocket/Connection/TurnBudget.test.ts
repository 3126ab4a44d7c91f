/** Messages that take long to decode, and other clients that are served meanwhile. */
import { constants, deflateRawSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { TurnBudget } from "../../../src/WebSocket/Connection/TurnBudget.ts"
import { relay } from "../../../src/WebSocket/Http/WebSocketRouter.ts"
import { encode } from "../Frames/frames.ts"
import { limit, openingOf, rawClient, serve } from "../Rig.ts"

const MIB = 1024 * 1024

const turn = Effect.async<void>((resume) => void setImmediate(() => resume(Effect.void)))

describe("the budget of a turn", () => {
  it.effect("the budget of a turn begins slow work one after the other, each in a turn of its own", () =>
    Effect.gen(function* () {
      let clock = 0
      const budget = new TurnBudget(() => clock)
      const done: Array<string> = []
      const work = (name: string, milliseconds: number) => () => {
        done.push(name)
        clock += milliseconds
      }
      budget.spend(work("a", 4))
      assert.isFalse(budget.isSpent)
      budget.spend(work("b", 6))
      assert.isTrue(budget.isSpent)
      for (const name of ["c", "d"]) budget.wait(work(name, 50))
      for (const name of ["e", "f"]) budget.wait(work(name, 1))
      assert.deepStrictEqual(done, ["a", "b"])
      for (const one of ["c", "d"]) {
        yield* turn
        assert.strictEqual(done.at(-1), one)
        assert.isTrue(budget.isSpent)
      }
      yield* turn
      assert.deepStrictEqual(done, ["a", "b", "c", "d", "e", "f"])
      assert.isFalse(budget.isSpent)
    })
  )
})

/** A message of a few bytes that inflates to megabytes: some 10 ms of work. */
const bomb = (() => {
  const payload = deflateRawSync(Buffer.alloc(8 * MIB), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
  const frame = encode({ fin: true, opcode: 2, payload, key: Buffer.alloc(4) })
  frame[0]! |= 0x40
  return frame
})()

describe("clients whose messages take long to inflate", () => {
  it.scopedLive(
    "clients whose messages take long to inflate do not make others wait for all of them, and lose nothing",
    () =>
      Effect.gen(function* () {
        const heard: Array<string> = []
        const endpoint = relay("/:name/", {
          maxPayload: 16 * MIB,
          open: (_, { params }) => ({
            onMessage: (message) => void heard.push(`${params["name"]} ${message.length}`),
            onClose: () => {}
          })
        })
        const { port } = yield* serve(endpoint, { compression: { maxRatio: 2000 } })
        const open = Effect.fnUntraced(function* (name: string) {
          const client = yield* rawClient(port)
          client.write(openingOf(`/${name}/`, "Sec-WebSocket-Extensions: permessage-deflate\r\n"))
          assert.include(yield* Effect.promise(() => client.head()), "permessage-deflate")
          return client
        })
        const slow = yield* Effect.forEach(Array.from({ length: 10 }), () => open("slow"))
        const quick = yield* rawClient(port)
        quick.write(openingOf("/quick/"))
        yield* Effect.promise(() => quick.head())
        // One after the other, in two parts, with more after them.
        for (const client of slow) client.write(Buffer.concat([bomb, bomb.subarray(0, 100)]))
        quick.text("hello")
        for (const client of slow) client.write(bomb.subarray(100))
        yield* limit(Effect.repeat(Effect.sleep(1), { until: () => heard.length === 2 * slow.length + 1 }))
        assert.isBelow(heard.indexOf("quick 5"), slow.length / 2)
        assert.lengthOf(
          heard.filter((one) => one === `slow ${8 * MIB}`),
          2 * slow.length
        )
      })
  )
})
