import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { ALL } from "../../../src/Cli/Demo/DemoOptions.ts"
import * as Tour from "../../../src/Cli/Demo/Tour.ts"
import { planOf } from "../../../src/Cli/Game/SentPlan.ts"
import { PatternLibrary } from "../../../src/Life/Pattern/PatternLibrary.ts"

const library = PatternLibrary.layer.pipe(Layer.provide(NodeContext.layer))

describe("The games of demo --games", () => {
  it.effect("all have a plan, a line that says what to look for, and an end", () =>
    Effect.gen(function* () {
      const games = yield* Tour.plan(ALL, Option.none())
      assert.strictEqual(games.length, 5)
      for (const [index, game] of games.entries()) {
        assert.strictEqual(game.tour?.index, index)
        assert.isAbove(game.tour?.seconds ?? 0, 0)
        assert.match(game.tour?.note ?? "", /^[A-Z].+\.$/)
        assert.isTrue(game.cells.includes(1), game.tour?.note)
        // The clients' process makes the same plan of it.
        const plan = yield* planOf(game)
        assert.deepStrictEqual(plan.start, { width: game.width, height: game.height, cells: game.cells })
      }
    }).pipe(Effect.provide(library))
  )

  it.effect(
    "The games of demo --games are chosen by their names, in any order, and an unknown name is refused with those that there are",
    () =>
      Effect.gen(function* () {
        const games = yield* Tour.plan("race, gun", Option.some(3))
        assert.deepStrictEqual(
          games.map(({ speed, width }) => [speed, width]),
          [
            [3, 96],
            [3, 64]
          ]
        )
        const error = yield* Effect.flip(Tour.plan("gnu", Option.none()))
        assert.strictEqual(
          error.message,
          '--games "gnu": expected some of acorn, gun, soup, brain, race, separated by commas'
        )
      }).pipe(Effect.provide(library))
  )
})
