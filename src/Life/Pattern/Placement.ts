/** Puts patterns on a grid: mirrored, rotated, and several on one grid. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type * as Grid from "../Universe/Grid.ts"
import * as Printable from "../Universe/Printable.ts"
import * as Transform from "../Universe/Transform.ts"

/** The place of the top left cell of a pattern. */
export type Place = { readonly _tag: "Centre" } | { readonly _tag: "At"; readonly row: number; readonly col: number }

export const centre: Place = { _tag: "Centre" }
export const at = (row: number, col: number): Place => ({ _tag: "At", row, col })
export const topLeft: Place = at(0, 0)

export class PlacementError extends Schema.TaggedError<PlacementError>()("PlacementError", {
  /** The requested place; `undefined` if the pattern is centred. */
  at: Schema.UndefinedOr(Schema.Struct({ row: Schema.Number, col: Schema.Number })),
  width: Schema.Number,
  height: Schema.Number,
  gridWidth: Schema.Number,
  gridHeight: Schema.Number
}) {
  override get message(): string {
    const { col, row } = this.at ?? { row: 0, col: 0 }
    const where = this.at === undefined ? "" : ` at row ${row}, column ${col}`
    const what = `A pattern ${this.width} wide and ${this.height} high${where}`
    if (row < 0 || col < 0) return `${what} is outside the grid: rows and columns count from 0`
    return (
      `${what} does not fit on a grid of ${this.gridWidth} x ${this.gridHeight}: ` +
      `increase the size to at least ${col + this.width} wide and ${row + this.height} high`
    )
  }
}

/** Adds a pattern's cells that are not dead. The centre is `floor((size - extent) / 2)`, as in the original. */
export const place = (
  onto: Grid.Grid,
  pattern: Grid.Grid,
  place: Place = centre
): Either.Either<Grid.Grid, PlacementError> => {
  const row = place._tag === "At" ? place.row : Math.floor((onto.height - pattern.height) / 2)
  const col = place._tag === "At" ? place.col : Math.floor((onto.width - pattern.width) / 2)
  if (row < 0 || col < 0 || row + pattern.height > onto.height || col + pattern.width > onto.width) {
    const { height, width } = pattern
    const at = place._tag === "At" ? { row, col } : undefined
    return Either.left(new PlacementError({ at, width, height, gridWidth: onto.width, gridHeight: onto.height }))
  }
  const cells = Uint8Array.from(onto.cells)
  pattern.cells.forEach((state, index) => {
    if (state > 0) cells[(row + Math.floor(index / pattern.width)) * onto.width + col + (index % pattern.width)] = state
  })
  return Either.right({ ...onto, cells })
}

/** A pattern and how to put it on the grid. It is first flipped, then rotated, then placed. */
export interface Item {
  readonly pattern: Grid.Grid
  readonly flip?: Transform.Flip
  readonly rotate?: Transform.Rotation
  readonly place?: Place
}

/** Adds several patterns to a grid. Where they overlap, the cells of a later pattern that are not dead replace those before. */
export const placeAll = (onto: Grid.Grid, items: ReadonlyArray<Item>): Either.Either<Grid.Grid, PlacementError> => {
  let result: Either.Either<Grid.Grid, PlacementError> = Either.right(onto)
  for (const { flip, pattern, place: where, rotate } of items) {
    const flipped = flip === undefined ? pattern : Transform.flip(pattern, flip)
    result = Either.flatMap(result, (grid) => place(grid, Transform.rotate(flipped, rotate ?? 0), where))
  }
  return result
}

/** The side of the smallest square on which all items fit at their places; 0 without items. */
export const roomFor = (items: ReadonlyArray<Item>): number =>
  items.reduce((most, { pattern, place, rotate }) => {
    const isTurned = rotate === 90 || rotate === 270
    const [width, height] = isTurned ? [pattern.height, pattern.width] : [pattern.width, pattern.height]
    const { col, row } = place?._tag === "At" ? place : { row: 0, col: 0 }
    return Math.max(most, row + height, col + width)
  }, 0)

/** Reads `row,col` as the place of a pattern's top left cell. Both count from 0. */
export const parse = (text: string): Either.Either<Place, PlaceError> => {
  const match = /^\s*(\d{1,9})\s*,\s*(\d{1,9})\s*$/.exec(text)
  return match === null ? Either.left(new PlaceError({ text })) : Either.right(at(Number(match[1]), Number(match[2])))
}

export class PlaceError extends Schema.TaggedError<PlaceError>()("PlaceError", { text: Schema.String }) {
  override get message(): string {
    return `Place ${Printable.quote(this.text)}: expected ROW,COL counted from 0 at the top left, such as 3,12`
  }
}
