/** The objects of Life that have a name, by their shape in every phase and position. Pure. */
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import { Simulator } from "../../../src/Life/Universe/Simulator.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"
import { fromRows } from "./Clip.ts"

/** Cells without empty rows or columns around them. */
export interface Shape {
  readonly width: number
  readonly height: number
  /** The state of each cell, row by row. */
  readonly cells: Uint8Array
}

/** A name, the rows of the object, and the number of its phases. */
const named: ReadonlyArray<readonly [name: string, rows: string, period?: number]> = [
  ["block", "OO OO"],
  ["tub", ".O. O.O .O."],
  ["boat", "OO. O.O .O."],
  ["ship", "OO. O.O .OO"],
  ["beehive", ".OO. O..O .OO."],
  ["loaf", ".OO. O..O .O.O ..O."],
  ["pond", ".OO. O..O O..O .OO."],
  ["barge", ".O.. O.O. .O.O ..O."],
  ["long boat", ".O.. O.O. .O.O ..OO"],
  ["long ship", "OO.. O.O. .O.O ..OO"],
  ["mango", ".OO.. O..O. .O..O ..OO."],
  ["snake", "OO.O O.OO"],
  ["aircraft carrier", "OO.. O..O ..OO"],
  ["eater", "OO.. O.O. ..O. ..OO"],
  ["integral sign", "OO... O.O.. ..O.. ..O.O ...OO"],
  ["long barge", ".O... O.O.. .O.O. ..O.O ...O."],
  ["hat", "..O.. .O.O. .O.O. OO.OO"],
  ["blinker", "OOO", 2],
  ["toad", ".OOO OOO.", 2],
  ["beacon", "OO.. OO.. ..OO ..OO", 2],
  ["clock", "..O. O.O. .O.O .O..", 2],
  [
    "pulsar",
    "..OOO...OOO.. ............. O....O.O....O O....O.O....O O....O.O....O ..OOO...OOO.. ............. ..OOO...OOO.. O....O.O....O O....O.O....O O....O.O....O ............. ..OOO...OOO..",
    3
  ],
  ["pentadecathlon", "..O....O.. OO.OOOO.OO ..O....O..", 15],
  ["glider", ".O. ..O OOO", 4],
  ["lightweight spaceship", ".O..O O.... O...O OOOO.", 4],
  ["middleweight spaceship", "...O.. .O...O O..... O....O OOOOO.", 4],
  ["heavyweight spaceship", "...OO.. .O....O O...... O.....O OOOOOO.", 4]
]

/** The living part of a grid, and the place of its top left cell; `undefined` if it has no living cell. */
export const shapeOf = (width: number, stateAt: (index: number) => number, cells: number) => {
  let [left, top, right, bottom] = [width, cells, -1, -1]
  for (let index = 0; index < cells; index++) {
    if (stateAt(index) === 0) continue
    const x = index % width
    const y = (index - x) / width
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = y
  }
  if (right < 0) return undefined
  const shape: Shape = {
    width: right - left + 1,
    height: bottom - top + 1,
    cells: new Uint8Array((right - left + 1) * (bottom - top + 1))
  }
  for (let y = 0; y < shape.height; y++)
    for (let x = 0; x < shape.width; x++) shape.cells[y * shape.width + x] = stateAt((top + y) * width + left + x)
  return { shape, x: left, y: top }
}

export const keyOf = ({ cells, height, width }: Shape): string => `${width}x${height} ${cells.join("")}`

/** A shape on an endless plane, as large as it can become within a number of steps. */
export const onPlane = ({ cells, height, width }: Shape, rule: Rule.Rule, steps: number): Simulator => {
  const margin = steps + 2
  const plane = { width: width + 2 * margin, height: height + 2 * margin }
  const grid = { ...plane, cells: new Uint8Array(plane.width * plane.height) }
  cells.forEach((state, index) => {
    grid.cells[(margin + Math.floor(index / width)) * plane.width + margin + (index % width)] = state
  })
  return new Simulator(grid, rule, Topology.plane(plane.width, plane.height))
}

/** Turned by a quarter, and mirrored at a diagonal: together they give all eight positions. */
const turned = ({ cells, height, width }: Shape): Shape => ({
  width: height,
  height: width,
  cells: cells.map((_, index) => cells[(height - 1 - (index % height)) * width + Math.floor(index / height)]!)
})
const mirrored = ({ cells, height, width }: Shape): Shape => ({
  width: height,
  height: width,
  cells: cells.map((_, index) => cells[(index % height) * width + Math.floor(index / height)]!)
})

let names: Map<string, string> | undefined

/** The name of an object of the rule B3/S23; `undefined` if it has none here. */
export const nameOf = (shape: Shape): string | undefined => {
  names ??= new Map(
    named.flatMap(([name, rows, period = 1]) => {
      const simulator = onPlane(fromRows(rows.split(" ")), Rule.life, period)
      return Array.from({ length: period }).flatMap(() => {
        const { cells, width } = simulator.grid()
        let { shape } = shapeOf(width, (index) => cells[index]!, cells.length)!
        simulator.run(1)
        return Array.from({ length: 4 }).flatMap(() => {
          shape = turned(shape)
          return [shape, mirrored(shape)].map((each) => [keyOf(each), name] as const)
        })
      })
    })
  )
  return names.get(keyOf(shape))
}
