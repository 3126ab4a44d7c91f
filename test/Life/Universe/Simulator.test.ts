import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Grid from "../../../src/Life/Universe/Grid.ts"
import { Simulator } from "../../../src/Life/Universe/Simulator.ts"
import * as arbitraries from "../arbitraries.ts"
import * as plain from "../plain.ts"

describe("Simulator", () => {
  const assertSameAsPlain = (world: arbitraries.World, steps: number) => {
    const simulator = new Simulator(world.grid, world.rule, world.topology)
    let expected = world.grid
    for (let step = 0; step <= steps; step++) {
      assert.deepStrictEqual(Grid.toRows(simulator.grid()), Grid.toRows(expected))
      assert.strictEqual(simulator.population, Grid.population(expected))
      assert.strictEqual(simulator.generation, step)
      simulator.run(1)
      expected = plain.step(expected, world.rule, world.topology)
    }
  }

  it.prop(
    "Simulator steps like the plain oracle: any rule, any topology, small grids",
    [arbitraries.world(6)],
    ([world]) => assertSameAsPlain(world, 4),
    { fastCheck: { numRuns: 1000 } }
  )

  it.prop(
    "Simulator steps like the plain oracle across words",
    [arbitraries.world(70)],
    ([world]) => assertSameAsPlain(world, 2),
    { fastCheck: { numRuns: 50 } }
  )

  it.prop(
    "Conway's rule has a kernel of its own, which does the same",
    [arbitraries.lifeWorld(40)],
    ([world]) => assertSameAsPlain(world, 3),
    { fastCheck: { numRuns: 200 } }
  )

  it.prop("run(n) is n times run(1)", [arbitraries.world(20), FastCheck.nat(20)], ([world, steps]) => {
    const one = new Simulator(world.grid, world.rule, world.topology)
    const many = new Simulator(world.grid, world.rule, world.topology)
    for (let n = 0; n < steps; n++) one.run(1)
    many.run(steps)
    assert.deepStrictEqual(Grid.toRows(many.grid()), Grid.toRows(one.grid()))
  })
})
