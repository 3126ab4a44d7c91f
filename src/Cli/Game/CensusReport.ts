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

const periodOf = ({ kind, period }: Census.Entry): string =>
  kind === "oscillator" || kind === "spaceship" ? `period ${period}` : ""

/** An object without a name in the library is shown by its cells: `OO/OO`. */
const nameOf = ({ name, rows }: Census.Entry): string => name ?? rows.join("/")

/** One line for each kind of object, the most frequent first. */
export const lines = (census: ReadonlyArray<Census.Entry>): ReadonlyArray<string> =>
  Table.lines([
    ["COUNT", "OBJECT", "KIND", "PERIOD", "CELLS"],
    ...census.map((entry) => [
      Count.format(entry.count),
      nameOf(entry),
      entry.kind,
      periodOf(entry),
      Count.format(entry.cells)
    ])
  ])

export const figures = (census: ReadonlyArray<Census.Entry>) =>
  census.map(({ cells, count, kind, name, period, rows }) => ({
    count,
    ...(name === undefined ? {} : { name }),
    kind,
    period,
    cells,
    rows
  }))
