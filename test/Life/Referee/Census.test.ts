/** Oracles: the final objects of these methuselahs, from their pages on LifeWiki. */

import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { PatternLibrary } from "../../../src/Life/Pattern/PatternLibrary.ts"
import * as Census from "../../../src/Life/Referee/Census.ts"
import * as Grid from "../../../src/Life/Universe/Grid.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import { Simulator } from "../../../src/Life/Universe/Simulator.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"

const census = (rows: ReadonlyArray<string>, topology = (w: number, h: number) => Topology.plane(w, h)) => {
  const grid = Grid.fromRows(rows)
  return Census.take(grid, Rule.life, topology(grid.width, grid.height), new Map())
}

describe("Census", () => {
  it("Census counts an object once, in any rotation and phase", () => {
    const [blinkers, ...others] = census([
      "OOO..........",
      ".............",
      "......O......",
      "......O......",
      "......O......"
    ])
    assert.deepStrictEqual(others, [])
    assert.deepInclude(blinkers, { kind: "oscillator", count: 2, period: 2, cells: 3 })
  })

  it("Census joins objects across the edges of a torus", () => {
    const [block, ...others] = census(["O..O", "....", "....", "O..O"], Topology.torus)
    assert.deepStrictEqual(others, [])
    assert.deepInclude(block, { kind: "still life", count: 1, cells: 4 })
  })

  it("Census counts two blocks that are two cells apart as two, and a pulsar as one", () => {
    const blocks = census(["OO.OO", "OO.OO"])
    assert.deepStrictEqual(
      blocks.map(({ cells, count }) => [count, cells]),
      [[2, 4]]
    )
    const quadrant = [
      "..OOO...OOO..",
      ".............",
      "O....O.O....O",
      "O....O.O....O",
      "O....O.O....O",
      "..OOO...OOO.."
    ]
    const pulsar = census([...quadrant, ".............", ...[...quadrant].reverse()])
    assert.deepStrictEqual(
      pulsar.map(({ count, kind, period }) => [count, kind, period]),
      [[1, "oscillator", 3]]
    )
  })

  it("Census reports objects that have not settled", () => {
    assert.deepStrictEqual(
      census([".OO", "OO.", ".O."]).map(({ count, kind }) => [count, kind]),
      [[1, "unsettled"]]
    )
  })
})

/** The names of the library, computed once. */
let known: ReadonlyMap<string, string> | undefined

layer(Layer.provideMerge(PatternLibrary.layer, NodeContext.layer))("Census of published ashes", (it) => {
  it.effect.each([
    ["r-pentomino", 1103, { block: 8, glider: 6, beehive: 4, blinker: 4, boat: 1, loaf: 1, ship: 1 }],
    ["pi-heptomino", 173, { block: 6, blinker: 5, pond: 2 }],
    ["b-heptomino", 148, { block: 3, glider: 2, ship: 1 }],
    ["herschel", 128, { block: 2, glider: 2, ship: 1 }]
  ] as const)("%s", ([name, steps, expected]) =>
    Effect.gen(function* () {
      const library = yield* PatternLibrary
      known ??= Census.namesOf(
        (yield* library.list).map(({ info, pattern }) => ({ name: info.name, grid: pattern.grid })),
        Rule.life
      )
      const { grid } = yield* library.get(name)
      // The grid is so large that no glider has reached an edge.
      const size = 100 + Math.ceil(steps / 2)
      const corner = Math.floor(size / 2)
      const start = Grid.make(size, size)
      for (let row = 0; row < grid.height; row++)
        start.cells.set(grid.cells.subarray(row * grid.width, (row + 1) * grid.width), (row + corner) * size + corner)
      const simulator = new Simulator(start, Rule.life, Topology.plane(size, size))
      simulator.run(steps)
      const entries = Census.take(simulator.grid(), Rule.life, Topology.plane(size, size), known)
      assert.deepStrictEqual(
        Object.fromEntries(entries.map((entry) => [entry.name ?? entry.rows.join("/"), entry.count])),
        expected
      )
    })
  )
})

describe("Census of more states", () => {
  it("Census of more states counts dying cells as a part of their object", () => {
    const rule = Rule.withStates(Rule.make([2], [3, 4, 5]), 4)
    const grid = Grid.make(14, 9)
    // Two gliders of Star Wars, which fly to the right and upwards, in states 3, 2 and 1.
    for (const [index, state] of [3, 2, 1].entries()) {
      for (const across of [0, 1]) {
        grid.cells[(1 + across) * 14 + 1 + index] = state
        grid.cells[(7 - index) * 14 + 9 + across] = state
      }
    }
    const entries = Census.take(grid, rule, Topology.plane(14, 9), new Map())
    assert.deepStrictEqual(
      entries.map(({ cells, count, kind, period }) => [count, kind, period, cells]),
      [[2, "spaceship", 1, 6]]
    )
  })
})
