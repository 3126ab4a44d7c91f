import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as PatternText from "../../../src/Life/Pattern/PatternText.ts"
import * as Placement from "../../../src/Life/Pattern/Placement.ts"
import * as Ending from "../../../src/Life/Referee/Ending.ts"
import * as Grid from "../../../src/Life/Universe/Grid.ts"
import * as RandomStart from "../../../src/Life/Universe/RandomStart.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import { Simulator } from "../../../src/Life/Universe/Simulator.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"

/** The first ending of a game, and the step that showed it. */
const ending = (rle: string, topology: Topology.Topology, rule = Rule.life, atMost = 2000) => {
  const pattern = Either.getOrThrow(PatternText.read(`x = 0, y = 0\n${rle}`, "test"))
  const start = Either.getOrThrow(Placement.place(Grid.make(topology.width, topology.height), pattern.grid))
  const simulator = new Simulator(start, rule, topology)
  const detector = new Ending.EndingDetector(rule)
  for (let step = 0; step <= atMost; step++) {
    const ending = detector.observe(step, simulator.grid())
    if (ending !== undefined) return { step, ...ending }
    simulator.run(1)
  }
  return undefined
}

describe("EndingDetector", () => {
  it("an empty grid is dead", () => {
    assert.deepStrictEqual(ending("!", Topology.torus(8, 8)), { step: 0, kind: "dead", since: 0, period: 1 })
    assert.deepStrictEqual(ending("2o!", Topology.torus(8, 8)), { step: 1, kind: "dead", since: 1, period: 1 })
    assert.deepInclude(ending("6bo$2o$bo3b3o!", Topology.plane(100, 100)), { step: 130, kind: "dead" })
  })

  it("but not if cells are born without neighbours", () => {
    assert.deepStrictEqual(ending("!", Topology.torus(4, 4), Rule.make([0], [])), {
      step: 2,
      kind: "periodic",
      since: 0,
      period: 2
    })
  })

  it("a still life is still", () => {
    assert.deepStrictEqual(ending("2o$2o!", Topology.torus(8, 8)), { step: 1, kind: "still", since: 0, period: 1 })
  })

  it.each([
    ["a blinker", "3o!", Topology.torus(8, 8), 0, 2],
    ["an R-pentomino on a torus", "b2o$2o$bo!", Topology.torus(32, 32), 414, 2],
    ["a glider coming round", "bo$2bo$3o!", Topology.torus(40, 30), 0, 480],
    ["a pentadecathlon", "2bo4bo$2ob4ob2o$2bo4bo!", Topology.plane(30, 30), 0, 15]
  ])("%s is periodic", (_, rle, topology, since, period) => {
    assert.deepStrictEqual(ending(rle, topology), { step: since + period, kind: "periodic", since, period })
  })

  it("EndingDetector keeps reporting the correct period when the game continues", () => {
    const topology = Topology.torus(8, 8)
    const grid = Either.getOrThrow(Placement.place(Grid.make(8, 8), Grid.fromRows(["OOO"])))
    const simulator = new Simulator(grid, Rule.life, topology)
    const detector = new Ending.EndingDetector(Rule.life)
    for (let step = 0; step < 20; step++) {
      assert.strictEqual(detector.observe(step, simulator.grid())?.period, step < 2 ? undefined : 2)
      simulator.run(1)
    }
  })

  it("EndingDetector distinguishes different frames", () => {
    const detector = new Ending.EndingDetector(Rule.life)
    let step = 0
    const observe = (grid: Grid.Grid) => assert.isUndefined(detector.observe(step++, grid))
    const grid = Grid.make(60, 60)
    // Grids that differ in one cell are the hardest for a hash.
    for (let index = 0; index < 3600; index++) {
      grid.cells[index] = 1
      observe(grid)
      grid.cells[(index * 7 + 1) % 3600] = 1
      observe(grid)
      grid.cells.fill(0)
    }
    for (let seed = 0; seed < 2000; seed++) observe(RandomStart.make({ width: 8, height: 8, seed }))
  })

  it("EndingDetector stops at an ending of the chosen kind, or a stronger one", () => {
    const kinds = ["dead", "still", "periodic"] as const
    const table = kinds.map((kind) => kinds.map((when) => Ending.satisfies({ kind, since: 0, period: 1 }, when)))
    assert.deepStrictEqual(table, [
      [true, true, true],
      [false, true, true],
      [false, false, true]
    ])
  })
})
