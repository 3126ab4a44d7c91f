/** The census of a game's last step, as a table and as JSON objects. */
import * as Effect from "effect/Effect"
import { PatternLibrary } from "../../Life/Pattern/PatternLibrary.ts"
import * as Census from "../../Life/Referee/Census.ts"
import * as Count from "../../Text/Count.ts"
import * as Table from "../Table.ts"
import type { GamePlan } from "./GamePlan.ts"
import type { Frame } from "./GameRun.ts"

/** Counts the objects. Objects of the pattern library have names. */
export const take = Effect.fn("CensusReport.take")(function* ({ rule, topology }: GamePlan, { grid }: Frame) {
  const library = yield* PatternLibrary
  const known = (yield* library.list).map(({ info, pattern }) => ({ name: info.name, grid: pattern.grid }))
  return Census.take(grid, rule, topology, Census.namesOf(known, rule))
})

/** One line for each kind of object, the most frequent first. One without a name in the library is shown by its cells: `OO/OO`. */
export const lines = (census: ReadonlyArray<Census.Entry>): ReadonlyArray<string> =>
  Table.lines([
    ["COUNT", "OBJECT", "KIND", "PERIOD", "CELLS"],
    ...census.map(({ cells, count, kind, name, period, rows }) => [
      Count.format(count),
      name ?? rows.join("/"),
      kind,
      kind === "oscillator" || kind === "spaceship" ? `period ${period}` : "",
      Count.format(cells)
    ])
  ])

export const figures = (census: ReadonlyArray<Census.Entry>) =>
  census.map(({ cells, count, kind, name, period, rows }) => ({ count, name, kind, period, cells, rows }))
