/** A thousand cells for hundreds of steps: two processes, one connection per cell, and every state checked. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Grid from "../../../src/Life/Universe/Grid.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"
import { placed } from "../../Life/Game/games.ts"
import * as Plain from "../../Life/plain.ts"
import { run, served } from "../processes.ts"

const SIZE = 32
const STEPS = 200

describe("a long game", () => {
  it.scopedLive(`a long game of an R-pentomino on ${SIZE} x ${SIZE} cells goes ${STEPS} steps, all cells right`, () =>
    Effect.gen(function* () {
      const { at } = yield* served
      const options = ["-p", "r-pentomino", "-s", `${SIZE}`, "-n", `${STEPS}`, "-l", "1000", "--check", "--json"]
      const { errors, output, status } = yield* run(["life", ...at, ...options])
      assert.strictEqual(status, 0, errors)
      const topology = Topology.torus(SIZE, SIZE)
      let grid = placed("b2o$2o$bo!", topology)
      for (let step = 0; step < STEPS; step++) grid = Plain.step(grid, Rule.life, topology)
      const population = Grid.population(grid)
      const cells = SIZE * SIZE
      const last = JSON.parse(output.trim().split("\n").at(-1)!)
      assert.deepInclude(last, { phase: "ended", step: STEPS, population, cells, checked: STEPS + 1 })
      assert.deepInclude(last, { connected: cells, subscribed: cells, reconnected: 0 })
    })
  )
})
