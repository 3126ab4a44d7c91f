/** Symmetric starts: Life keeps every symmetry of a torus, and each kind of start has only its own symmetry. */
import { assert, describe, it } from "@effect/vitest"
import * as Grid from "../../../src/Life/Universe/Grid.ts"
import * as RandomStart from "../../../src/Life/Universe/RandomStart.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import { Simulator } from "../../../src/Life/Universe/Simulator.ts"
import { needsSquare, type Symmetry, symmetries } from "../../../src/Life/Universe/Symmetry.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"

type Rows = ReadonlyArray<string>

const reversed = (text: string): string => [...text].reverse().join("")
const transposed = (rows: Rows): Rows => [...rows[0]!].map((_, col) => rows.map((row) => row[col]).join(""))

/** This uses strings, so it is independent of the index arithmetic under test. */
const moves = {
  "turned by 90": (rows: Rows): Rows => transposed(rows).map(reversed),
  "turned by 180": (rows: Rows): Rows => [...rows].reverse().map(reversed),
  "left to right": (rows: Rows): Rows => rows.map(reversed),
  "top to bottom": (rows: Rows): Rows => [...rows].reverse(),
  diagonal: transposed,
  "other diagonal": (rows: Rows): Rows => transposed([...rows].reverse().map(reversed))
}

const kept: { readonly [S in Symmetry]: ReadonlyArray<keyof typeof moves> } = {
  C1: [],
  C2: ["turned by 180"],
  C4: ["turned by 90", "turned by 180"],
  "D2_+": ["left to right"],
  D2_x: ["diagonal"],
  "D4_+": ["turned by 180", "left to right", "top to bottom"],
  D4_x: ["turned by 180", "diagonal", "other diagonal"],
  D8: ["turned by 90", "turned by 180", "left to right", "top to bottom", "diagonal", "other diagonal"]
}

const symmetriesOf = (grid: Grid.Grid): ReadonlyArray<string> => {
  const rows = Grid.toRows(grid)
  return Object.entries(moves)
    .filter(([, move]) => move(rows).join() === rows.join())
    .map(([name]) => name)
}

describe("a symmetric start", () => {
  it.each(symmetries)("%s is kept by the game, on even and odd sides", (symmetry) => {
    for (const size of [15, 16]) {
      const start = RandomStart.make({ width: size, height: size, seed: 3, density: 0.4, symmetry })
      assert.sameMembers([...symmetriesOf(start)], [...kept[symmetry]])
      const simulator = new Simulator(start, Rule.life, Topology.torus(size, size))
      simulator.run(7)
      assert.includeMembers([...symmetriesOf(simulator.grid())], [...kept[symmetry]])
    }
  })

  it.each(symmetries.filter((symmetry) => !needsSquare(symmetry)))("%s needs no square", (symmetry) => {
    const rows = Grid.toRows(RandomStart.make({ width: 12, height: 7, seed: 3, density: 0.4, symmetry }))
    for (const name of kept[symmetry]) assert.deepStrictEqual(moves[name](rows), rows, name)
  })

  it("a symmetric start has the chosen density", () => {
    const start = RandomStart.make({ width: 400, height: 400, seed: 1, density: 0.25, symmetry: "D8" })
    assert.approximately(Grid.population(start) / 160_000, 0.25, 0.01)
  })

  it("a symmetric start without a symmetry is the same start as in earlier versions", () => {
    const options = { width: 9, height: 6, seed: 5 }
    assert.deepStrictEqual(RandomStart.make({ ...options, symmetry: "C1" }), RandomStart.make(options))
  })
})
