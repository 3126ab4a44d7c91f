/**
 * Which cells a rule counts: the directions in which a cell looks. The hexagonal neighbourhood is the Moore one
 * without NE and SW, as Golly lays hexagons out on a square grid.
 */
export type Neighbourhood = "Moore" | "VonNeumann" | "Hexagonal"

/** A step to a neighbour: rows count downwards, columns to the right. */
export interface Direction {
  readonly rows: -1 | 0 | 1
  readonly cols: -1 | 0 | 1
}

const north: Direction = { rows: -1, cols: 0 }
const south: Direction = { rows: 1, cols: 0 }
const west: Direction = { rows: 0, cols: -1 }
const east: Direction = { rows: 0, cols: 1 }
const northWest: Direction = { rows: -1, cols: -1 }
const northEast: Direction = { rows: -1, cols: 1 }
const southWest: Direction = { rows: 1, cols: -1 }
const southEast: Direction = { rows: 1, cols: 1 }

/** Directions of each neighbourhood, in reading order. */
export const directions: { readonly [N in Neighbourhood]: ReadonlyArray<Direction> } = {
  Moore: [northWest, north, northEast, west, east, southWest, south, southEast],
  VonNeumann: [north, west, east, south],
  Hexagonal: [northWest, north, west, east, south, southEast]
}
