/** The neighbours that a rule counts. The hexagonal ones are Moore's without NE and SW, as in Golly. */
export type Neighbourhood = "Moore" | "VonNeumann" | "Hexagonal"

/** The offset of a neighbour. Rows count downwards, columns to the right. */
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

/** All eight directions, in reading order. In a mask, bit n is the nth of these directions. */
const moore = [northWest, north, northEast, west, east, southWest, south, southEast] as const

/** Directions of each neighbourhood, in reading order. */
export const directions: { readonly [N in Neighbourhood]: ReadonlyArray<Direction> } = {
  Moore: moore,
  VonNeumann: [north, west, east, south],
  Hexagonal: [northWest, north, west, east, south, southEast]
}

export const bitOf = (direction: Direction): number => 1 << moore.indexOf(direction)

/** All possible numbers of live neighbours. */
export const counts: ReadonlyArray<number> = [0, 1, 2, 3, 4, 5, 6, 7, 8]

/** The lowest mask with this many directions. */
export const firstOf = (count: number): number => (1 << count) - 1

export const countIn = (mask: number): number => {
  const pairs = mask - ((mask >>> 1) & 0x55)
  const fours = (pairs & 0x33) + ((pairs >>> 2) & 0x33)
  return (fours + (fours >>> 4)) & 0x0f
}
