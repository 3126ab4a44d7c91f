import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as PatternText from "../../../src/Life/Pattern/PatternText.ts"
import * as Placement from "../../../src/Life/Pattern/Placement.ts"
import * as Grid from "../../../src/Life/Universe/Grid.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import * as RuleText from "../../../src/Life/Universe/RuleText.ts"
import { Simulator } from "../../../src/Life/Universe/Simulator.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"
import * as oracles from "./oracles.ts"
import * as unbounded from "./unbounded.ts"

const start = (rle: string, topology: Topology.Topology, place?: Placement.Place): Grid.Grid => {
  const { grid } = Either.getOrThrow(PatternText.read(`x = 0, y = 0\n${rle}`, "oracle"))
  return Either.getOrThrow(Placement.place(Grid.make(topology.width, topology.height), grid, place))
}

const populations = (simulator: Simulator, steps: number): ReadonlyArray<number> =>
  Array.from({ length: steps }, () => {
    const { population } = simulator
    simulator.run(1)
    return population
  })

/** The first step at which the grid is the same as at the start. */
const returnTime = (start: Grid.Grid, simulator: Simulator, atMost: number): number => {
  do simulator.run(1)
  while (!Grid.equals(simulator.grid(), start) && simulator.generation < atMost)
  return simulator.generation
}

describe("oscillators and still lifes", () => {
  it.each(oracles.oscillators)("$name", ({ populations: expected, rle }) => {
    const topology = Topology.plane(40, 40)
    const grid = start(rle, topology)
    assert.deepStrictEqual(populations(new Simulator(grid, Rule.life, topology), expected.length), [...expected])
    assert.strictEqual(returnTime(grid, new Simulator(grid, Rule.life, topology), 100), expected.length)
  })

  it.each(oracles.longOscillators)("$name", ({ period, populations: expected, rle }) => {
    const topology = Topology.plane(60, 60)
    const grid = start(rle, topology)
    assert.deepStrictEqual(populations(new Simulator(grid, Rule.life, topology), expected.length), [...expected])
    assert.strictEqual(returnTime(grid, new Simulator(grid, Rule.life, topology), 100), period)
  })
})

/** https://en.wikipedia.org/wiki/Brian%27s_Brain, https://conwaylife.com/wiki/OCA:Star_Wars: both move at the speed of light. */
describe("Generations", () => {
  it.each([
    ["Brian's Brain", "BA$BA!", 4],
    ["Star Wars", "CBA$CBA!", 6]
  ])("a glider of %s moves a cell a step", (name, rle, cells) => {
    const rule = Either.getOrThrow(RuleText.parse(name))
    const topology = Topology.torus(30, 20)
    const simulator = new Simulator(start(rle, topology, Placement.at(10, 10)), rule, topology)
    for (let step = 1; step <= 12; step++) {
      simulator.run(1)
      assert.strictEqual(simulator.population, cells)
      assert.deepStrictEqual(
        Grid.toRows(simulator.grid()),
        Grid.toRows(start(rle, topology, Placement.at(10, 10 + step)))
      )
    }
  })
})

describe("spaceships", () => {
  it.each(oracles.spaceships)("$name", ({ cols, populations: expected, rle, rows }) => {
    const topology = Topology.torus(30, 30)
    const simulator = new Simulator(start(rle, topology, Placement.at(10, 10)), Rule.life, topology)
    assert.deepStrictEqual(populations(simulator, expected.length), [...expected])
    const moved = start(rle, topology, Placement.at(10 + rows, 10 + cols))
    assert.deepStrictEqual(Grid.toRows(simulator.grid()), Grid.toRows(moved))
  })

  it.each([
    [32, 32, 128],
    [16, 16, 64],
    [40, 30, 480]
  ])("a glider is back on a torus of %i x %i after %i steps", (width, height, steps) => {
    const topology = Topology.torus(width, height)
    const grid = start("bo$2bo$3o!", topology)
    assert.strictEqual(returnTime(grid, new Simulator(grid, Rule.life, topology), 1000), steps)
  })

  it.each([
    [32, 64],
    [33, 132]
  ])("an LWSS is back on a torus of %i x 32 after %i steps", (width, steps) => {
    const topology = Topology.torus(width, 32)
    const grid = start("bo2bo$o$o3bo$4o!", topology)
    assert.strictEqual(returnTime(grid, new Simulator(grid, Rule.life, topology), 1000), steps)
  })
})

describe("growth", () => {
  const pattern = (rle: string): Grid.Grid => Either.getOrThrow(PatternText.read(`x = 0, y = 0\n${rle}`, "oracle")).grid

  it("the Gosper gun emits a glider every 30 steps", async () => {
    const k = Array.from({ length: 21 }, (_, k) => k)
    assert.deepStrictEqual(
      await unbounded.populations(
        pattern(oracles.gosperGun),
        Rule.life,
        k.map((k) => 30 * k)
      ),
      k.map((k) => 36 + 5 * k)
    )
  })

  it.each(oracles.methuselahs)("$name", async ({ populations, rle }) => {
    const steps = Object.keys(populations).map(Number)
    const expected = Object.values(populations)
    // After that only blinkers and gliders change.
    const last = Math.max(...steps)
    const later = Array.from({ length: 8 }, (_, n) => last + n + 1)
    assert.deepStrictEqual(await unbounded.populations(pattern(rle), Rule.life, [...steps, ...later]), [
      ...expected,
      ...later.map(() => populations[last]!)
    ])
  })
})

describe("bounded grids", () => {
  it("the agar of period 3 on a torus of 8 x 8", () => {
    const topology = Topology.torus(8, 8)
    const grid = start(oracles.agar.rle, topology)
    assert.deepStrictEqual(populations(new Simulator(grid, Rule.life, topology), 3), [...oracles.agar.populations])
    assert.strictEqual(returnTime(grid, new Simulator(grid, Rule.life, topology), 10), 3)
  })

  it("the herringbone agar of period 14 on a torus of 24 x 24", () => {
    const topology = Topology.torus(24, 24)
    const grid = start(oracles.herringbone, topology)
    assert.strictEqual(returnTime(grid, new Simulator(grid, Rule.life, topology), 100), 14)
  })

  it.each([
    ["torus", Topology.torus(32, 32), { 50: 64, 100: 43, 200: 112 }, 414, 16],
    ["plane", Topology.plane(32, 32), { 50: 59, 100: 100 }, 459, 21]
  ] as const)("an R-pentomino on a 32 x 32 %s", (_, topology, expected, settled, population) => {
    const simulator = new Simulator(start("b2o$2o$bo!", topology), Rule.life, topology)
    for (const [step, population] of Object.entries(expected)) {
      simulator.run(Number(step) - simulator.generation)
      assert.strictEqual(simulator.population, population)
    }
    simulator.run(settled - simulator.generation)
    const grid = simulator.grid()
    assert.strictEqual(Grid.population(grid), population)
    simulator.run(1)
    assert.isFalse(Grid.equals(simulator.grid(), grid))
    simulator.run(1)
    assert.isTrue(Grid.equals(simulator.grid(), grid))
  })

  it("a full torus of 2 x 2 dies, as each cell meets eight living ones", () => {
    const simulator = new Simulator(Grid.fromRows(["OO", "OO"]), Rule.life, Topology.torus(2, 2))
    simulator.run(1)
    assert.strictEqual(simulator.population, 0)
  })
})

describe("other rules", () => {
  it.each([
    ["B1357/S1357", "o!", { 0: 1, 1: 8, 2: 8, 3: 24, 4: 8, 5: 64, 8: 8, 16: 8 }],
    ["B36/S23", "2b3o$bo2bo$o3bo$o2bo$3o!", { 0: 12, 12: 24, 36: 48, 48: 24 }]
  ])("%s: %s", (text, rle, expected) => {
    const topology = Topology.plane(150, 150)
    const rule = Either.getOrThrow(RuleText.parse(text))
    const simulator = new Simulator(start(rle, topology), rule, topology)
    for (const [step, population] of Object.entries(expected)) {
      simulator.run(Number(step) - simulator.generation)
      assert.strictEqual(simulator.population, population, `at step ${step}`)
    }
  })

  it("B0123478/S01234678 is Life with dead and live cells exchanged", () => {
    const topology = Topology.torus(40, 30)
    const life = new Simulator(start(oracles.gosperGun, topology), Rule.life, topology)
    const inverted = (grid: Grid.Grid): Grid.Grid => ({ ...grid, cells: grid.cells.map((state) => 1 - state) })
    const rule = Either.getOrThrow(RuleText.parse("B0123478/S01234678"))
    const other = new Simulator(inverted(life.grid()), rule, topology)
    for (let step = 0; step < 100; step++) {
      assert.isTrue(Grid.equals(inverted(life.grid()), other.grid()))
      life.run(1)
      other.run(1)
    }
  })
})
