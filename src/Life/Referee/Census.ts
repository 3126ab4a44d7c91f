/**
 * A census of a settled game: counts its still lifes, oscillators and spaceships, and names those that are in the library.
 *
 * Two cells that are not dead belong to one object if they are at most two cells apart, because farther cells have no common
 * neighbour. If the connected pieces of an object would evolve in the same way alone, each piece counts as an object.
 */
import * as Grid from "../Universe/Grid.ts"
import * as Objects from "../Universe/Objects.ts"
import type { Rule } from "../Universe/Rule.ts"
import type { Simulator } from "../Universe/Simulator.ts"
import type * as Topology from "../Universe/Topology.ts"

type Kind = "still life" | "oscillator" | "spaceship" | "unsettled"

/** A kind of object. Objects that differ only by place, rotation, reflection or phase are the same kind. */
export interface Entry {
  readonly kind: Kind
  readonly count: number
  /** The steps after which the object looks the same again, perhaps at another place; 0 if this takes more than `LONGEST` steps. */
  readonly period: number
  /** The number of cells that are not dead, in the phase in which it is lowest. */
  readonly cells: number
  readonly name: string | undefined
  /** A drawing of this phase in `O` and `.`. */
  readonly rows: ReadonlyArray<string>
}

interface Life {
  readonly kind: Kind
  readonly period: number
  /** Each phase as a grid, cut to the cells that are not dead. */
  readonly phases: ReadonlyArray<Grid.Grid>
}

/** The longest period that the census detects. */
const LONGEST = 60

/** The longer side of the largest pattern of the library whose name the census looks for. */
const LARGEST = LONGEST + 2

/** How cells evolve alone on an empty plane. */
const lifeOf = (start: Grid.Grid, rule: Rule): Life => {
  const simulator = Objects.alone(Objects.placesOf(start), start, rule, LONGEST)
  const first = Objects.cut(simulator.grid())
  const phases = [first.grid]
  for (let step = 1; step <= LONGEST; step++) {
    simulator.run(1)
    const now = Objects.cut(simulator.grid())
    if (!Grid.equals(now.grid, first.grid)) {
      phases.push(now.grid)
      continue
    }
    const isSamePlace = now.row === first.row && now.col === first.col
    return { kind: !isSamePlace ? "spaceship" : step === 1 ? "still life" : "oscillator", period: step, phases }
  }
  return { kind: "unsettled", period: 0, phases: [first.grid] }
}

/** One text for all phases, rotations and reflections of an object: the first in order among the drawings of the phases with the fewest cells. */
const canonical = ({ phases }: Life): string => {
  const fewest = Math.min(...phases.map(Grid.population))
  return phases
    .filter((phase) => Grid.population(phase) === fewest)
    .flatMap(Objects.images)
    .map(Objects.keyOf)
    .sort((a, b) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0))[0]!
}

/** The groups of cells that are not dead and at most `reach` apart. Each group has its own coordinates. */
const groups = (grid: Grid.Grid, isTorus: boolean, reach: number): ReadonlyArray<ReadonlyArray<Objects.ObjectCell>> => {
  const isSeen = new Uint8Array(grid.cells.length)
  const found: Array<ReadonlyArray<Objects.ObjectCell>> = []
  for (let start = 0; start < grid.cells.length; start++) {
    if (grid.cells[start] === 0 || isSeen[start] === 1) continue
    const group = Objects.groupAt(grid, start, isTorus, reach, isSeen)
    if (group !== undefined) found.push(group)
  }
  return found
}

/** The connected pieces of an object, if each evolves alone as it does in the object; else the object itself. */
const separated = (object: Grid.Grid, rule: Rule): ReadonlyArray<Life> => {
  const whole = lifeOf(object, rule)
  const pieces = groups(object, false, 1)
  if (pieces.length === 1) return [whole]
  const lives = pieces.map((piece) => lifeOf(Objects.gridOf(piece), rule))
  if (lives.some(({ kind }) => kind === "unsettled")) return [whole]
  const steps = lives.reduce((product, { period }) => Math.min(LONGEST, product * period), 1)
  return livesApart(object, pieces, rule, steps) ? lives : [whole]
}

/** Whether the object evolves for `steps` steps exactly as its pieces do when each is alone. */
const livesApart = (
  object: Grid.Grid,
  pieces: ReadonlyArray<ReadonlyArray<Objects.ObjectCell>>,
  rule: Rule,
  steps: number
): boolean => {
  const together = Objects.alone(Objects.placesOf(object), object, rule, LONGEST)
  const alone = pieces.map((piece) => Objects.alone(piece, object, rule, LONGEST))
  for (let step = 0; step < steps; step++) {
    together.run(1)
    for (const piece of alone) piece.run(1)
    const sum = alone.reduce((n, piece) => n + piece.population, 0)
    const whole = together.grid()
    if (sum !== Grid.population(whole)) return false
    const isIn = (piece: Simulator) =>
      piece.grid().cells.every((state, index) => state === 0 || whole.cells[index] === state)
    if (!alone.every(isIn)) return false
  }
  return true
}

/** The names of the library's objects under a rule, by their canonical drawing. Patterns that do not settle have no name. */
export const namesOf = (
  library: Iterable<{ readonly name: string; readonly grid: Grid.Grid }>,
  rule: Rule
): ReadonlyMap<string, string> => {
  const names = new Map<string, string>()
  for (const { grid, name } of library) {
    if (Math.max(grid.width, grid.height) > LARGEST || Grid.population(grid) === 0) continue
    if (Grid.highest(grid) >= rule.states) continue
    const life = lifeOf(Objects.cut(grid).grid, rule)
    if (life.kind !== "unsettled") names.set(canonical(life), name)
  }
  return names
}

/** Counts the objects of a grid, the most frequent first. Objects may cross the edges of a torus without a shift; other edges cut them. */
export const take = (
  grid: Grid.Grid,
  rule: Rule,
  { edges }: Topology.Topology,
  names: ReadonlyMap<string, string>
): ReadonlyArray<Entry> => {
  const entries = new Map<string, Entry>()
  // Each drawing is analysed only once.
  const known = new Map<string, ReadonlyArray<Life>>()
  for (const group of groups(grid, edges._tag === "Torus" && edges.shift === 0, Objects.REACH)) {
    const object = Objects.gridOf(group)
    const shape = Objects.keyOf(object)
    const lives = known.get(shape) ?? separated(object, rule)
    known.set(shape, lives)
    for (const life of lives) {
      const key = canonical(life)
      const count = (entries.get(key)?.count ?? 0) + 1
      const cells = Math.min(...life.phases.map(Grid.population))
      entries.set(key, {
        kind: life.kind,
        count,
        period: life.period,
        cells,
        name: names.get(key),
        rows: key.split("/")
      })
    }
  }
  return [...entries.values()].sort((a, b) => b.count - a.count || a.cells - b.cells)
}
