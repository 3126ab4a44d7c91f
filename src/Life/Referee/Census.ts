/**
 * A census of a settled game: counts its still lifes, oscillators and spaceships, and names those that are in the library.
 *
 * Two cells that are not dead belong to one object if they are at most two cells apart, because farther cells have no common
 * neighbour. If the connected pieces of an object would evolve in the same way alone, each piece counts as an object.
 */
import * as Grid from "../Universe/Grid.ts"
import type { Rule, State } from "../Universe/Rule.ts"
import { Simulator } from "../Universe/Simulator.ts"
import * as Topology from "../Universe/Topology.ts"

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

/** A cell that is not dead, in the coordinates of its object. An object may lie across a joined edge. */
interface Place {
  readonly row: number
  readonly col: number
  readonly state: State
}

interface Life {
  readonly kind: Kind
  readonly period: number
  /** Each phase as a grid, cut to the cells that are not dead. */
  readonly phases: ReadonlyArray<Grid.Grid>
}

/** The longest period that the census detects. */
const LONGEST = 60

/** Empty cells around an object while it runs alone. An object moves at most one cell per step. */
const ROOM = LONGEST + 2

const gridOf = (places: ReadonlyArray<Place>): Grid.Grid => {
  const top = Math.min(...places.map(({ row }) => row))
  const left = Math.min(...places.map(({ col }) => col))
  const grid = Grid.make(
    Math.max(...places.map(({ col }) => col)) - left + 1,
    Math.max(...places.map(({ row }) => row)) - top + 1
  )
  for (const { col, row, state } of places) grid.cells[(row - top) * grid.width + col - left] = state
  return grid
}

const placesOf = (grid: Grid.Grid): ReadonlyArray<Place> =>
  Array.from(grid.cells.keys())
    .filter((index) => grid.cells[index] !== 0)
    .map((index) => ({
      row: Math.floor(index / grid.width),
      col: index % grid.width,
      state: grid.cells[index]!
    }))

/** The grid, cut to its cells that are not dead, and the place of the cut grid's top left corner. */
const cut = (grid: Grid.Grid): { readonly grid: Grid.Grid; readonly row: number; readonly col: number } => {
  const places = placesOf(grid)
  return {
    grid: places.length === 0 ? Grid.make(0, 0) : gridOf(places),
    row: Math.min(...places.map(({ row }) => row)),
    col: Math.min(...places.map(({ col }) => col))
  }
}

/** How cells evolve alone on an empty plane. */
const lifeOf = (start: Grid.Grid, rule: Rule): Life => {
  const room = Grid.make(start.width + 2 * ROOM, start.height + 2 * ROOM)
  for (const { col, row, state } of placesOf(start)) room.cells[(row + ROOM) * room.width + col + ROOM] = state
  const simulator = new Simulator(room, rule, Topology.plane(room.width, room.height))
  const first = cut(room)
  const phases = [first.grid]
  for (let step = 1; step <= LONGEST; step++) {
    simulator.run(1)
    const now = cut(simulator.grid())
    if (!Grid.equals(now.grid, first.grid)) {
      phases.push(now.grid)
      continue
    }
    const isSamePlace = now.row === first.row && now.col === first.col
    return { kind: !isSamePlace ? "spaceship" : step === 1 ? "still life" : "oscillator", period: step, phases }
  }
  return { kind: "unsettled", period: 0, phases: [first.grid] }
}

const turned = (grid: Grid.Grid): Grid.Grid => {
  const result = Grid.make(grid.height, grid.width)
  for (const { col, row, state } of placesOf(grid)) result.cells[col * result.width + (grid.height - 1 - row)] = state
  return result
}

const mirrored = (grid: Grid.Grid): Grid.Grid => {
  const result = Grid.make(grid.width, grid.height)
  for (const { col, row, state } of placesOf(grid)) result.cells[row * grid.width + (grid.width - 1 - col)] = state
  return result
}

const images = (grid: Grid.Grid): ReadonlyArray<Grid.Grid> => {
  const turns = [grid, turned(grid), turned(turned(grid)), turned(turned(turned(grid)))]
  return [...turns, ...turns.map(mirrored)]
}

const keyOf = (grid: Grid.Grid): string => `${Grid.toRows(grid).join("/")}`

/** One text for all phases, rotations and reflections of an object: the first in order among the drawings of the phases with the fewest cells. */
const canonical = ({ phases }: Life): string => {
  const fewest = Math.min(...phases.map(Grid.population))
  return phases
    .filter((phase) => Grid.population(phase) === fewest)
    .flatMap(images)
    .map(keyOf)
    .sort((a, b) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0))[0]!
}

/** The groups of cells that are not dead and at most `reach` apart. Each group has its own coordinates. */
const groups = (grid: Grid.Grid, isTorus: boolean, reach: number): ReadonlyArray<ReadonlyArray<Place>> => {
  const { height, width } = grid
  const isSeen = new Uint8Array(grid.cells.length)
  const found: Array<Array<Place>> = []
  for (let start = 0; start < grid.cells.length; start++) {
    if (grid.cells[start] === 0 || isSeen[start] === 1) continue
    isSeen[start] = 1
    const group: Array<Place> = [{ row: Math.floor(start / width), col: start % width, state: grid.cells[start]! }]
    for (const { col, row } of group) {
      for (let rows = -reach; rows <= reach; rows++) {
        for (let cols = -reach; cols <= reach; cols++) {
          const place = { row: row + rows, col: col + cols }
          const isInside = place.row >= 0 && place.row < height && place.col >= 0 && place.col < width
          if (!isInside && !isTorus) continue
          const wrapped = (((place.row % height) + height) % height) * width + (((place.col % width) + width) % width)
          if (grid.cells[wrapped] === 0 || isSeen[wrapped] === 1) continue
          isSeen[wrapped] = 1
          group.push({ ...place, state: grid.cells[wrapped]! })
        }
      }
    }
    found.push(group)
  }
  return found
}

/** The connected pieces of an object, if each evolves alone as it does in the object; else the object itself. */
const separated = (object: Grid.Grid, rule: Rule): ReadonlyArray<Life> => {
  const whole = lifeOf(object, rule)
  const pieces = groups(object, false, 1)
  if (pieces.length === 1) return [whole]
  const lives = pieces.map((piece) => lifeOf(gridOf(piece), rule))
  if (lives.some(({ kind }) => kind === "unsettled")) return [whole]
  return livesApart(
    object,
    pieces,
    rule,
    Math.min(
      LONGEST,
      lives.reduce((n, { period }) => n * period, 1)
    )
  )
    ? lives
    : [whole]
}

/** Whether the object evolves for `steps` steps exactly as its pieces do when each is alone. */
const livesApart = (
  object: Grid.Grid,
  pieces: ReadonlyArray<ReadonlyArray<Place>>,
  rule: Rule,
  steps: number
): boolean => {
  const room = (places: ReadonlyArray<Place>): Simulator => {
    const grid = Grid.make(object.width + 2 * ROOM, object.height + 2 * ROOM)
    for (const { col, row, state } of places) grid.cells[(row + ROOM) * grid.width + col + ROOM] = state
    return new Simulator(grid, rule, Topology.plane(grid.width, grid.height))
  }
  const together = room(placesOf(object))
  const alone = pieces.map(room)
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
    if (grid.width > ROOM || grid.height > ROOM || Grid.population(grid) === 0) continue
    if (Grid.highest(grid) >= rule.states) continue
    const life = lifeOf(cut(grid).grid, rule)
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
  for (const group of groups(grid, edges._tag === "Torus" && edges.shift === 0, 2)) {
    const object = gridOf(group)
    const shape = keyOf(object)
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
