import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import type { GamePlan } from "../../../src/Cli/Game/GamePlan.ts"
import * as GamePlay from "../../../src/Cli/Game/GamePlay.ts"
import type { GameView } from "../../../src/Cli/Game/GameView.ts"
import type { Driver, Game } from "../../../src/Life/Game/GameDriver.ts"
import { GameProgress } from "../../../src/Life/Game/GameProgress.ts"
import { LifeTransport } from "../../../src/Life/Game/LifeTransport.ts"
import { PatternLibrary } from "../../../src/Life/Pattern/PatternLibrary.ts"
import * as Grid from "../../../src/Life/Universe/Grid.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"
import { silentOutput } from "../silentOutput.ts"

const plan: GamePlan = {
  start: Grid.make(2, 2),
  rule: Rule.life,
  topology: Topology.torus(2, 2),
  ...{ seed: undefined, isGrown: false }
}

const library = PatternLibrary.layer.pipe(Layer.provide(NodeContext.layer))

/** No cell of these tests connects. */
const nowhere = Layer.succeed(LifeTransport, {
  reset: () => Effect.void,
  unsafeConnect: () => () => {},
  serverGame: Effect.succeed(undefined)
})

/** A turn of the event loop. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe("GamePlay", () => {
  it.effect("GamePlay ends a game whose time is over, and its last line says so", () =>
    Effect.gen(function* () {
      const progress = new GameProgress(2, 2)
      // Three steps of its four cells.
      for (let published = 0; published < 12; published++) progress.published(Math.floor(published / 4), 0)
      const driver: Driver<Game> = () =>
        Effect.succeed({
          ...{ progress, running: Effect.void, done: Effect.never },
          pace: { block: () => {}, unblock: () => {} }
        })
      const lines: Array<string> = []
      const view: GameView = {
        ...{ isShown: true, json: Option.none(), steps: Option.none(), census: false },
        conclude: (line) => Effect.sync(() => void lines.push(line)),
        show: () => Effect.never
      }
      const options = {
        ...{ steps: Number.POSITIVE_INFINITY, speed: 1, connectRate: 1, giveUp: 1, resume: false, check: false },
        ...{ stopWhen: undefined, keepsFrame: false, seconds: 60 }
      }
      const playing = yield* Effect.fork(GamePlay.play(plan, options, view, driver, () => Effect.void))
      // The patterns are read from files first.
      const end = (yield* TestClock.currentTimeMillis) + 60_000
      const hasBegun = (wakes: Chunk.Chunk<number>) => Chunk.some(wakes, (time) => Math.abs(time - end) < 1)
      while (!hasBegun(yield* TestClock.sleeps())) yield* Effect.promise(turn)
      yield* TestClock.adjust("59 seconds")
      assert.deepStrictEqual(lines, [])
      // More than a second: if the clock begins at a fraction, the sums of times differ by rounding.
      yield* TestClock.adjust("2 seconds")
      assert.isUndefined(yield* Fiber.join(playing))
      assert.match(lines.join(), /^time is over at step 2; 0 of 4 cells are alive; /)
    }).pipe(Effect.provide([silentOutput, library, nowhere]))
  )
})
