import { assert, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as StepWriter from "../../../src/Cli/Game/StepWriter.ts"
import * as Grid from "../../../src/Life/Universe/Grid.ts"

it.effect(
  "a game whose steps are saved is blocked while more of them wait for the disk than the limit, and none is lost",
  () =>
    Effect.gen(function* () {
      const disk = yield* Deferred.make<void>()
      const written: Array<number> = []
      const write = ({ step }: { readonly step: number }) =>
        Effect.andThen(Deferred.await(disk), () => void written.push(step))
      const writer = yield* StepWriter.make(write, 2, 40)
      const calls: Array<string> = []
      const pace = {
        isBlocked: false,
        block: () => {
          pace.isBlocked = true
          calls.push("block")
        },
        unblock: () => {
          pace.isBlocked = false
          calls.push(`unblock after ${written.length}`)
        }
      }
      writer.unsafeFollow(pace)
      const grid = Grid.make(5, 2)
      const took: Array<boolean> = []
      for (let step = 0; step < 12; step++) {
        writer.unsafeTake({ step, grid })
        took.push(pace.isBlocked)
      }
      // Four steps of ten cells fit. Each second one is written.
      assert.deepStrictEqual(took.indexOf(true), 8)
      assert.deepStrictEqual(calls, ["block"])
      yield* Deferred.succeed(disk, undefined)
      yield* writer.finish
      assert.deepStrictEqual(written, [0, 2, 4, 6, 8, 10])
      assert.deepStrictEqual(calls, ["block", "unblock after 4"])
    }).pipe(Effect.scoped)
)
