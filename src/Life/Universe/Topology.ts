/**
 * How the edges of a bounded grid are joined: which cell lies beyond each edge. The same as Golly's bounded grids,
 * https://golly.sourceforge.io/Help/bounded.html
 *
 * A cell is given by row and column from the top left, or by its index `row * width + col`.
 */
import { bitOf, directions, type Neighbourhood } from "./Neighbourhood.ts"

/** Top and bottom are the horizontal edges, left and right the vertical ones. */
export type Axis = "horizontal" | "vertical"

/**
 * - Plane: edges are not joined; all cells outside are dead.
 * - Torus: opposite edges are joined. The pair of `axis` may have a shift, in cells, which is smaller than the edge.
 * - Klein: opposite edges are joined, and the pair of `axis` is reversed. This pair may also be shifted by one.
 * - CrossSurface: opposite edges are joined, and both pairs are reversed (a real projective plane).
 * - Sphere: the top edge is joined to the left one, and the right edge to the bottom one. The grid must be a square.
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

/** A neighbouring cell and the mask of the directions in which it lies. It counts once for each direction. */
export interface Neighbour {
  readonly row: number
  readonly col: number
  readonly directions: number
}

export const make = (edges: Edges, width: number, height: number): Topology => ({ edges, width, height })

export const torus = (width: number, height: number): Topology =>
  make({ _tag: "Torus", axis: "horizontal", shift: 0 }, width, height)

export const plane = (width: number, height: number): Topology => make({ _tag: "Plane" }, width, height)

/** The place on a ring of this size. */
export const wrap = (n: number, size: number): number => ((n % size) + size) % size

/**
 * The index of the cell that lies at a position at most one step outside the grid (`row` from -1 to height, `col` from -1 to
 * width), or -1 if there is none. For a position inside, this is the cell itself.
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
      // Golly's code and its printed diagrams differ in the shift. This follows the code.
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
 * The cells to which a cell subscribes, each once, with the directions in which it lies. At most eight. On small or twisted
 * grids a cell can be its own neighbour (on a torus of 1 x 1, in all eight directions).
 *
 * Subscriptions are mutual, because otherwise cells could not stay in lockstep. A twisted edge mirrors the hexagonal
 * neighbourhood, so a cell may be counted by a cell that it does not count. It subscribes to such a cell in no direction.
 */
export const neighbours = (
  topology: Topology,
  neighbourhood: Neighbourhood,
  row: number,
  col: number
): ReadonlyArray<Neighbour> => {
  // Nearly all cells are inside. No edge leads to them, so their neighbours are who they seem to be.
  if (row > 0 && col > 0 && row < topology.height - 1 && col < topology.width - 1)
    return directions[neighbourhood].map((direction) => ({
      row: row + direction.rows,
      col: col + direction.cols,
      directions: bitOf(direction)
    }))
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

/** The cells of a neighbourhood, by index, with the mask of the directions in which they lie. */
const seen = (topology: Topology, neighbourhood: Neighbourhood, row: number, col: number): Map<number, number> => {
  const masks = new Map<number, number>()
  for (const direction of directions[neighbourhood]) {
    const index = cellAt(topology, row + direction.rows, col + direction.cols)
    if (index >= 0) masks.set(index, (masks.get(index) ?? 0) | bitOf(direction))
  }
  return masks
}
