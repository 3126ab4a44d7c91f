import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { Played } from "../../../src/Cli/Demo/ClientsMessage.ts"
import { ALL } from "../../../src/Cli/Demo/DemoOptions.ts"
import * as Tour from "../../../src/Cli/Demo/Tour.ts"
import { planOf } from "../../../src/Cli/Game/SentPlan.ts"
import { PatternLibrary } from "../../../src/Life/Pattern/PatternLibrary.ts"
import * as Ending from "../../../src/Life/Referee/Ending.ts"
import { Simulator } from "../../../src/Life/Universe/Simulator.ts"

const library = PatternLibrary.layer.pipe(Layer.provide(NodeContext.layer))

describe("The games of demo --games", () => {
  it.effect("all have a plan, a line that says what to look for, and an end", () =>
    Effect.gen(function* () {
      const games = yield* Tour.plan(ALL, Option.none())
      assert.strictEqual(games.length, 6)
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
          '--games "gnu": expected some of acorn, gun, soup, brain, race, vote, separated by commas'
        )
      }).pipe(Effect.provide(library))
  )

  it.effect(
    "The games of demo --games show what their lines say: no spaceship meets another, the acorn has not settled, and the gun fires for all its time",
    () =>
      Effect.gen(function* () {
        const endingOf = (game: Played, steps: number) =>
          Effect.map(planOf(game), ({ rule, start, topology }) => {
            const simulator = new Simulator(start, rule, topology)
            const detector = new Ending.EndingDetector(rule)
            for (let step = 0; step <= steps; step++, simulator.run(1)) {
              const ending = detector.observe(step, simulator.grid())
              if (ending !== undefined) return ending
            }
            return undefined
          })
        const [race, acorn, gun] = yield* Tour.plan("race,acorn,gun", Option.none())
        // One round of the glider, two of the others.
        assert.deepStrictEqual(yield* endingOf(race!, 400), { kind: "periodic", since: 0, period: 384 })
        assert.isUndefined(yield* endingOf(acorn!, 2_000))
        // The gun fires for all its time, though it repeats from its first glider that has gone.
        const ending = yield* endingOf(gun!, gun!.speed * gun!.tour!.seconds)
        assert.isFalse(Ending.satisfies(ending!, gun!.tour!.stopWhen))
      }).pipe(Effect.provide(library))
  )
})
