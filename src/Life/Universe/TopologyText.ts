/**
 * Reads and writes topologies: by name (`torus`, `plane`, `klein`, `cross-surface`, `sphere`) or in Golly's notation
 * (`T30,20`, `T30+5,20`, `K30*,20`, `S30`), which may contain the size. https://golly.sourceforge.io/Help/bounded.html
 */
import * as Either from "effect/Either"
import * as Printable from "./Printable.ts"
import * as Topology from "./Topology.ts"

/** A topology cannot be read, or does not fit its grid. A plain class, because the page has it too, without Effect's schemas. */
export class TopologyError extends Error {
  readonly _tag = "TopologyError"
  override readonly name = "TopologyError"
  readonly text: string
  readonly reason: string

  constructor({ reason, text }: { readonly text: string; readonly reason: string }) {
    super(
      `Topology ${Printable.quote(text)}: ${reason}. Expected torus, plane, klein, cross-surface, sphere, or Golly's notation such as T30,20 or K30*,20`
    )
    this.text = text
    this.reason = reason
  }
}

/** A topology as written, before the size of the grid is known. */
export interface Unsized {
  readonly text: string
  readonly surface: Surface
  readonly width: Side
  readonly height: Side
}

type Surface = "T" | "P" | "K" | "C" | "S"

/** One side of the notation: the length of the edge (`undefined`: that of the grid), whether it is twisted, and its shift. */
interface Side {
  readonly size: number | undefined
  readonly twisted: boolean
  readonly shift: number
}

const surfaces: { readonly [name: string]: Surface } = {
  torus: "T",
  plane: "P",
  klein: "K",
  "klein-bottle": "K",
  "cross-surface": "C",
  sphere: "S",
  t: "T",
  p: "P",
  k: "K",
  c: "C",
  s: "S"
}

const bare: Side = { size: undefined, twisted: false, shift: 0 }

const notation = /^:?([a-z-]+?)(?:(\d+)(\*?)([+-]\d*)?(?:,(?:(\d+)(\*?)([+-]\d*)?)?)?)?$/

export const parse = (text: string): Either.Either<Unsized, TopologyError> => {
  const fail = (reason: string) => Either.left(new TopologyError({ text, reason }))
  const match = notation.exec(text.trim().toLowerCase())
  const surface = match === null ? undefined : surfaces[match[1] ?? ""]
  if (match === null || surface === undefined) return fail(match === null ? "it cannot be read" : "no such surface")
  const width = sideOf(match[2], match[3], match[4])
  // One number stands for a square.
  const height = match[5] === undefined ? { ...bare, size: width.size } : sideOf(match[5], match[6], match[7])
  const twists = width.twisted || height.twisted
  const shifts = width.shift !== 0 || height.shift !== 0
  if (width.size === 0 || height.size === 0) return fail("a size of 0 means infinite, and every cell here is a client")
  if (twists && surface !== "K") return fail("only a Klein bottle has twisted edges (*)")
  if (width.twisted && height.twisted)
    return fail("a Klein bottle has one pair of twisted edges; both are a cross-surface (C)")
  if (shifts && surface !== "T" && surface !== "K")
    return fail("only a torus and a Klein bottle can have shifted edges")
  if (width.shift !== 0 && height.shift !== 0) return fail("only one pair of edges can be shifted")
  if (surface === "K" && ((width.shift !== 0 && !width.twisted) || (height.shift !== 0 && !height.twisted))) {
    return fail("a Klein bottle can be shifted only on its twisted edges")
  }
  if (surface === "S" && width.size !== height.size) return fail("a sphere needs a width equal to its height")
  return Either.right({ text, surface, width, height })
}

/** The topology for a grid of this size. Fails if the topology was written with another size. */
export const sized = (
  unsized: Unsized,
  width: number,
  height: number
): Either.Either<Topology.Topology, TopologyError> => {
  const fail = (reason: string) => Either.left(new TopologyError({ text: unsized.text, reason }))
  if ((unsized.width.size ?? width) !== width || (unsized.height.size ?? height) !== height) {
    return fail(`it is for ${unsized.width.size} x ${unsized.height.size} cells, but the grid has ${width} x ${height}`)
  }
  if (unsized.surface === "S" && width !== height) {
    return fail(`a sphere needs a width equal to its height, but the grid is ${width} x ${height}`)
  }
  return Either.right(Topology.make(edgesOf(unsized, width, height), width, height))
}

/** Writes a topology in Golly's notation, without the colon in front of it: `T30,20`. */
export const format = ({ edges, height, width }: Topology.Topology): string => {
  switch (edges._tag) {
    case "Plane":
      return `P${width},${height}`
    case "Torus": {
      const shift = edges.shift === 0 ? "" : edges.shift > 0 ? `+${edges.shift}` : `${edges.shift}`
      return edges.axis === "horizontal" ? `T${width}${shift},${height}` : `T${width},${height}${shift}`
    }
    case "Klein": {
      const twist = edges.shifted ? "*+1" : "*"
      return edges.axis === "horizontal" ? `K${width}${twist},${height}` : `K${width},${height}${twist}`
    }
    case "CrossSurface":
      return `C${width},${height}`
    case "Sphere":
      return `S${width}`
  }
}

const edgesOf = (unsized: Unsized, width: number, height: number): Topology.Edges => {
  switch (unsized.surface) {
    case "P":
      return { _tag: "Plane" }
    case "C":
      return { _tag: "CrossSurface" }
    case "S":
      return { _tag: "Sphere" }
    case "T":
      if (unsized.height.shift % height !== 0) {
        return { _tag: "Torus", axis: "vertical", shift: unsized.height.shift % height }
      }
      // `+ 0` turns -0 into 0.
      return { _tag: "Torus", axis: "horizontal", shift: (unsized.width.shift % width) + 0 }
    case "K": {
      const axis = unsized.width.twisted ? "horizontal" : "vertical"
      const [side, size] = axis === "horizontal" ? [unsized.width, width] : [unsized.height, height]
      // All shifts of a twisted edge have the same effect. On an edge of odd length they have none.
      return { _tag: "Klein", axis, shifted: side.shift % size !== 0 && size % 2 === 0 }
    }
  }
}

const sideOf = (size: string | undefined, twist: string | undefined, shift: string | undefined): Side => ({
  size: size === undefined ? undefined : Number(size),
  twisted: twist === "*",
  // A sign alone is a shift of 0, as in Golly.
  shift: shift === undefined ? 0 : Number(shift.length === 1 ? 0 : shift)
})
