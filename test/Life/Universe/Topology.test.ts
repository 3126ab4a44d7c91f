import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { countIn, directions } from "../../../src/Life/Universe/Neighbourhood.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"
import * as TopologyText from "../../../src/Life/Universe/TopologyText.ts"
import * as arbitraries from "../arbitraries.ts"

const parse = (text: string, width: number, height: number) =>
  Either.flatMap(TopologyText.parse(text), (unsized) => TopologyText.sized(unsized, width, height))

const topology = (text: string, width: number, height: number): Topology.Topology =>
  Either.getOrThrow(parse(text, width, height))

/** The grid and the cells around it, with letters from A, like the diagrams in Golly's help. */
const draw = (topology: Topology.Topology): string =>
  Array.from({ length: topology.height + 2 }, (_, row) =>
    Array.from({ length: topology.width + 2 }, (_, col) => {
      const index = Topology.cellAt(topology, row - 1, col - 1)
      return index === -1 ? "0" : String.fromCharCode(65 + index)
    }).join("")
  ).join(" ")

interface Place {
  readonly row: number
  readonly col: number
}

describe("Topology", () => {
  // These are the diagrams of "Bounded Grids" in Golly's help. For shifted Klein bottles Golly's code differs from its diagrams,
  // and these follow the code.
  it.each([
    ["P4,3", 4, 3, "000000 0ABCD0 0EFGH0 0IJKL0 000000"],
    ["T4,3", 4, 3, "LIJKLI DABCDA HEFGHE LIJKLI DABCDA"],
    ["T4+1,3", 4, 3, "KLIJKL DABCDA HEFGHE LIJKLI ABCDAB"],
    ["T4,3+1", 4, 3, "HIJKLA LABCDE DEFGHI HIJKLA LABCDE"],
    ["K4*,3", 4, 3, "ILKJIL DABCDA HEFGHE LIJKLI ADCBAD"],
    ["K4,3*", 4, 3, "DIJKLA LABCDI HEFGHE DIJKLA LABCDI"],
    ["K4*+1,3", 4, 3, "LKJILK DABCDA HEFGHE LIJKLI DCBADC"],
    ["C4,3", 4, 3, "ALKJID LABCDI HEFGHE DIJKLA IDCBAL"],
    ["S3", 3, 3, "AADGC AABCG BDEFH CGHII GCFII"]
  ])("%s joins its edges as Golly does", (text, width, height, expected) => {
    assert.strictEqual(draw(topology(text, width, height)), expected)
  })

  it("a torus of 1 x 1 meets itself in eight directions", () => {
    assert.deepStrictEqual(Topology.neighbours(Topology.torus(1, 1), "Moore", 0, 0), [
      { row: 0, col: 0, directions: 255 }
    ])
  })

  it("a torus of 2 x 2 meets its three other cells several times", () => {
    assert.sameDeepMembers(
      [...Topology.neighbours(Topology.torus(2, 2), "Moore", 0, 0)],
      [
        { row: 1, col: 1, directions: 0b10100101 },
        { row: 0, col: 1, directions: 0b00011000 },
        { row: 1, col: 0, directions: 0b01000010 }
      ]
    )
  })

  it("a plane of 1 x 1 has no neighbours", () => {
    assert.deepStrictEqual(Topology.neighbours(Topology.plane(1, 1), "Moore", 0, 0), [])
  })

  it("a corner of a cross-surface is its own neighbour", () => {
    const neighbours = Topology.neighbours(topology("cross-surface", 4, 4), "Moore", 0, 0)
    assert.deepInclude(neighbours, { row: 0, col: 0, directions: 1 })
  })

  it.prop(
    "except on a plane, each cell has a neighbour in every direction",
    [arbitraries.topology(6)],
    ([topology]) => {
      for (const neighbourhood of ["Moore", "VonNeumann", "Hexagonal"] as const) {
        for (let row = 0; row < topology.height; row++) {
          for (let col = 0; col < topology.width; col++) {
            const sum = Topology.neighbours(topology, neighbourhood, row, col).reduce(
              (n, neighbour) => n + countIn(neighbour.directions),
              0
            )
            if (topology.edges._tag === "Plane") assert.isAtMost(sum, directions[neighbourhood].length)
            else assert.strictEqual(sum, directions[neighbourhood].length)
          }
        }
      }
    }
  )

  it.prop("subscriptions are mutual", [arbitraries.topology(6)], ([topology]) => {
    for (const neighbourhood of ["Moore", "VonNeumann", "Hexagonal"] as const) {
      const directionsOf = (from: Place, to: Place) =>
        Topology.neighbours(topology, neighbourhood, from.row, from.col).find(
          ({ col, row }) => row === to.row && col === to.col
        )?.directions
      for (let row = 0; row < topology.height; row++) {
        for (let col = 0; col < topology.width; col++) {
          for (const to of Topology.neighbours(topology, neighbourhood, row, col)) {
            if (neighbourhood === "Hexagonal") assert.isDefined(directionsOf(to, { row, col }))
            else assert.strictEqual(countIn(directionsOf(to, { row, col }) ?? 0), countIn(to.directions))
          }
        }
      }
    }
  })
})

describe("TopologyText", () => {
  // On the right Golly 3.3's canonical form.
  it.each([
    ["torus", 30, 20, "T30,20"],
    ["plane", 30, 20, "P30,20"],
    ["klein", 30, 20, "K30,20*"],
    ["Cross-Surface", 30, 20, "C30,20"],
    ["sphere", 30, 30, "S30"],
    ["T", 30, 20, "T30,20"],
    [":t8,", 8, 8, "T8,8"],
    ["T32", 32, 32, "T32,32"],
    ["T32+40,32", 32, 32, "T32+8,32"],
    ["T30,20-2", 30, 20, "T30,20-2"],
    ["T8+,8", 8, 8, "T8,8"],
    ["K4", 4, 4, "K4,4*"],
    ["K30*,20", 30, 20, "K30*,20"],
    ["K4*-3,4", 4, 4, "K4*+1,4"],
    ["K3*+1,3", 3, 3, "K3*,3"],
    ["K4*+0,4", 4, 4, "K4*,4"],
    ["K3,4*+1", 3, 4, "K3,4*+1"]
  ])("TopologyText reads %s on %i x %i as %s", (text, width, height, expected) => {
    assert.strictEqual(TopologyText.format(topology(text, width, height)), expected)
  })

  it.each([
    ["moebius", 3, 3, /no such surface/],
    ["", 3, 3, /cannot be read/],
    ["T32x", 32, 32, /cannot be read/],
    ["T32,0", 32, 32, /infinite/],
    ["T0", 32, 32, /infinite/],
    ["T3*,3", 3, 3, /Klein bottle/],
    ["K4*,4*", 4, 4, /one pair/],
    ["P4+1,4", 4, 4, /shifted/],
    ["T4+1,4+1", 4, 4, /only one pair/],
    ["K4+1,4*", 4, 4, /on its twisted edges/],
    ["S3,4", 3, 4, /width equal/],
    ["sphere", 3, 4, /3 x 4/],
    ["T30,20", 32, 32, /it is for 30 x 20 cells, but the grid has 32 x 32/]
  ])("TopologyText rejects %s on %i x %i", (text, width, height, expected) => {
    assert.match(Either.getOrThrow(Either.flip(parse(text, width, height))).message, expected)
  })

  it.prop("TopologyText reads what it writes", [arbitraries.topology(9)], ([{ edges, height, width }]) => {
    const text = TopologyText.format({ edges, height, width })
    assert.deepStrictEqual(topology(text, width, height).edges, edges)
  })
})
