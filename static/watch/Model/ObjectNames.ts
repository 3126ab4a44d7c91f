/** The objects of Life that have a name, by their shape in every phase and position. Pure. */
import * as Grid from "../../../src/Life/Universe/Grid.ts"
import * as Objects from "../../../src/Life/Universe/Objects.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"

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

let names: Map<string, string> | undefined

/** The name of an object of the rule B3/S23; `undefined` if it has none here. */
export const nameOf = (object: Grid.Grid): string | undefined => {
  names ??= new Map(
    named.flatMap(([name, rows, period = 1]) => {
      const first = Grid.fromRows(rows.split(" "))
      const simulator = Objects.alone(Objects.placesOf(first), first, Rule.life, period)
      return Array.from({ length: period }).flatMap(() => {
        const phase = Objects.cut(simulator.grid()).grid
        simulator.run(1)
        return Objects.images(phase).map((image) => [Objects.keyOf(image), name] as const)
      })
    })
  )
  return names.get(Objects.keyOf(object))
}
