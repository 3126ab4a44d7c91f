/**
 * How the edges of a bounded grid are joined, after Golly's bounded grids: which cell lies behind each edge.
 *
 * Cells are named by row and column from the top left, or by their index `row * width + col`.
 */
import { bitOf, directions, type Neighbourhood } from "./Neighbourhood.ts"

/** Top and bottom are the horizontal edges, left and right the vertical ones. */
export type Axis = "horizontal" | "vertical"

/**
 * - Plane: nothing lies behind an edge; what is outside is dead.
 * - Torus: opposite edges are joined; one pair may be joined with a shift (in cells, smaller than the edge).
 * - Klein: opposite edges are joined, the pair of `axis` reversed; that pair may also be shifted by one.
 * - CrossSurface: both pairs are joined reversed (a real projective plane).
 * - Sphere: top is joined to left, and right to bottom; needs a square.
 */
export type Edges =
  | { readonly _tag: "Plane" }
  | { readonly _tag: "Torus"; readonly axis: Axis; readonly shift: number }
  | { readonly _tag: "Klein"; readonly axis: Axis; readonly shifted: boolean }
  | { readonly _tag: "CrossSurface" }
  | { readonly _tag: "Sphere" }

export interface Topology {
  readonly edges: Edges
  readonly width: number
  readonly height: number
}

/** A distinct neighbouring cell, and the mask of directions in which it is met: it counts once for each. */
export interface Neighbour {
  readonly row: number
  readonly col: number
  readonly directions: number
}

export const make = (edges: Edges, width: number, height: number): Topology => ({ edges, width, height })

export const torus = (width: number, height: number): Topology =>
  make({ _tag: "Torus", axis: "horizontal", shift: 0 }, width, height)

export const plane = (width: number, height: number): Topology => make({ _tag: "Plane" }, width, height)

const wrap = (n: number, size: number): number => ((n % size) + size) % size

/**
 * The index of the cell seen at a place at most one step outside the grid (`row` from -1 to height, `col` from -1 to
 * width), or -1 where there is none. A place inside is its own cell.
 */
export const cellAt = ({ edges, height, width }: Topology, row: number, col: number): number => {
  const at = (row: number, col: number): number => row * width + col
  const rowInside = row >= 0 && row < height
  const colInside = col >= 0 && col < width
  if (rowInside && colInside) return at(row, col)
  const wrapped = (row: number, col: number): number => at(wrap(row, height), wrap(col, width))
  switch (edges._tag) {
    case "Plane":
      return -1
    case "Torus": {
      if (edges.axis === "horizontal") return wrapped(row, rowInside ? col : col + Math.sign(row) * edges.shift)
      return wrapped(colInside ? row : row + Math.sign(col) * edges.shift, col)
    }
    case "Klein": {
      // Golly's code and its printed diagrams differ on the shift; this is what its code does.
      const reversed = (n: number, size: number): number => size - 1 - n - (edges.shifted ? 1 : 0)
      if (edges.axis === "horizontal") return wrapped(row, rowInside ? col : reversed(col, width))
      return wrapped(colInside ? row : reversed(row, height), col)
    }
    case "CrossSurface": {
      if (!rowInside && !colInside) return at(clamp(row, height), clamp(col, width))
      return rowInside ? wrapped(height - 1 - row, col) : wrapped(row, width - 1 - col)
    }
    case "Sphere": {
      if (!rowInside && !colInside) return at(clamp(row, height), clamp(col, width))
      return at(clamp(col, height), clamp(row, width))
    }
  }
}

const clamp = (n: number, size: number): number => Math.min(Math.max(n, 0), size - 1)

/**
 * The cells a cell listens to, each once, with the directions in which it is met. On small or twisted grids
 * a cell may be among its own neighbours (on a torus of 1 x 1: eight times).
 *
 * Listening is mutual, or cells could not stay in step: where a twisted edge turns the hexagonal neighbourhood over, so
 * that a cell is counted by one it does not count, it listens to that one in no direction. There are at most eight.
 */
export const neighbours = (
  topology: Topology,
  neighbourhood: Neighbourhood,
  row: number,
  col: number
): ReadonlyArray<Neighbour> => {
  const masks = seen(topology, neighbourhood, row, col)
  if (neighbourhood !== "Moore") {
    for (const index of seen(topology, "Moore", row, col).keys()) {
      const back = seen(topology, neighbourhood, Math.floor(index / topology.width), index % topology.width)
      if (!masks.has(index) && back.has(row * topology.width + col)) masks.set(index, 0)
    }
  }
  return Array.from(masks, ([index, directions]) => ({
    row: Math.floor(index / topology.width),
    col: index % topology.width,
    directions
  }))
}

/** The cells that a neighbourhood shows, by index, with the mask of directions in which they are met. */
const seen = (topology: Topology, neighbourhood: Neighbourhood, row: number, col: number): Map<number, number> => {
  const masks = new Map<number, number>()
  for (const direction of directions[neighbourhood]) {
    const index = cellAt(topology, row + direction.rows, col + direction.cols)
    if (index >= 0) masks.set(index, (masks.get(index) ?? 0) | bitOf(direction))
  }
  return masks
}
