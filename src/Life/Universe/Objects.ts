/** Objects: cells that are not dead and near each other, taken out of their grid. Pure. */
import * as Grid from "./Grid.ts"
import type { Rule, State } from "./Rule.ts"
import { Simulator } from "./Simulator.ts"
import * as Topology from "./Topology.ts"
import * as Transform from "./Transform.ts"

/** Cells belong together if they are at most this far apart, because farther cells have no common neighbour. */
export const REACH = 2

/** A cell that is not dead, in the coordinates of its object. An object may lie across a joined edge. */
export interface ObjectCell {
  readonly row: number
  readonly col: number
  readonly state: State
}

interface Limit {
  readonly cells: number
  /** Of the square into which the object fits. */
  readonly side: number
}

const unlimited: Limit = { cells: Number.POSITIVE_INFINITY, side: Number.POSITIVE_INFINITY }

/**
 * The cells that are not dead and at most `reach` apart, beginning with the one at index `start`, relative to the grid. `isSeen` is 1 for
 * each cell that is in a group already. `undefined` if the object is over the limit.
 */
export const groupAt = (
  grid: Grid.Grid,
  start: number,
  isTorus: boolean,
  reach: number,
  isSeen: Uint8Array,
  limit = unlimited
): ReadonlyArray<ObjectCell> | undefined => {
  const { height, width } = grid
  isSeen[start] = 1
  const group: Array<ObjectCell> = [{ row: Math.floor(start / width), col: start % width, state: grid.cells[start]! }]
  let [left, top, right, bottom] = [group[0]!.col, group[0]!.row, group[0]!.col, group[0]!.row]
  for (const { col, row } of group) {
    left = Math.min(left, col)
    right = Math.max(right, col)
    top = Math.min(top, row)
    bottom = Math.max(bottom, row)
    if (group.length > limit.cells || right - left >= limit.side || bottom - top >= limit.side) return undefined
    for (let rows = -reach; rows <= reach; rows++) {
      for (let cols = -reach; cols <= reach; cols++) {
        const place = { row: row + rows, col: col + cols }
        const isInside = place.row >= 0 && place.row < height && place.col >= 0 && place.col < width
        if (!isInside && !isTorus) continue
        const wrapped = Topology.wrap(place.row, height) * width + Topology.wrap(place.col, width)
        if (grid.cells[wrapped] === 0 || isSeen[wrapped] === 1) continue
        isSeen[wrapped] = 1
        group.push({ ...place, state: grid.cells[wrapped]! })
      }
    }
  }
  return group
}

/** The cells as a grid without empty rows or columns around them. */
export const gridOf = (places: ReadonlyArray<ObjectCell>): Grid.Grid => {
  const top = Math.min(...places.map(({ row }) => row))
  const left = Math.min(...places.map(({ col }) => col))
  const grid = Grid.make(
    Math.max(...places.map(({ col }) => col)) - left + 1,
    Math.max(...places.map(({ row }) => row)) - top + 1
  )
  for (const { col, row, state } of places) grid.cells[(row - top) * grid.width + col - left] = state
  return grid
}

/** The cells of a grid that are not dead, row by row. */
export const placesOf = (grid: Grid.Grid): ReadonlyArray<ObjectCell> => {
  const places: Array<ObjectCell> = []
  grid.cells.forEach((state, index) => {
    if (state !== 0) places.push({ row: Math.floor(index / grid.width), col: index % grid.width, state })
  })
  return places
}

/** The grid, cut to its cells that are not dead, and the place of the cut grid's top left corner. */
export const cut = (grid: Grid.Grid): { readonly grid: Grid.Grid; readonly row: number; readonly col: number } => {
  const places = placesOf(grid)
  return {
    grid: places.length === 0 ? Grid.make(0, 0) : gridOf(places),
    row: Math.min(...places.map(({ row }) => row)),
    col: Math.min(...places.map(({ col }) => col))
  }
}

/** Simulates cells of a grid of this size alone on an empty plane, with room for so many steps: an object moves at most one cell per step. */
export const alone = (
  places: ReadonlyArray<ObjectCell>,
  { height, width }: Pick<Grid.Grid, "width" | "height">,
  rule: Rule,
  steps: number
): Simulator => {
  const room = steps + 2
  const plane = Grid.make(width + 2 * room, height + 2 * room)
  for (const { col, row, state } of places) plane.cells[(row + room) * plane.width + col + room] = state
  return new Simulator(plane, rule, Topology.plane(plane.width, plane.height))
}

/** The object in all eight positions. */
export const images = (grid: Grid.Grid): ReadonlyArray<Grid.Grid> => {
  const turns = ([0, 90, 180, 270] as const).map((degrees) => Transform.rotate(grid, degrees))
  return [...turns, ...turns.map((turned) => Transform.flip(turned, "horizontal"))]
}

/** A text that only grids with the same cells have. */
export const keyOf = (grid: Grid.Grid): string => Grid.toRows(grid).join("/")
