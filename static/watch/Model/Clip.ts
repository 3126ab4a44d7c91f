/** Clips are parts of a grid that can be copied, put elsewhere and written as patterns. Pure. */
import * as RleRuns from "../../../src/Life/Pattern/RleRuns.ts"
import type { Grid } from "../../../src/Life/Universe/Grid.ts"
import type { Frame } from "./Model.ts"
import type { Point, Size } from "./Viewport.ts"

/** A rectangle of cells: its top left cell and its size. */
export interface Rect extends Point, Size {}

/** The rectangle with these two cells at opposite corners. */
export const between = (a: Point, b: Point): Rect => ({
  x: Math.min(a.x, b.x),
  y: Math.min(a.y, b.y),
  width: Math.abs(a.x - b.x) + 1,
  height: Math.abs(a.y - b.y) + 1
})

/** Calls `use` for each cell of a rectangle that is inside the frame, with its index in the rectangle and in the frame. */
const eachCell = ({ height, width, x, y }: Rect, frame: Size, use: (place: number, index: number) => void): void => {
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) use(row * width + column, (y + row) * frame.width + x + column)
}

export const clipOf = (frame: Frame, rect: Rect): Grid => {
  const cells = new Uint8Array(rect.width * rect.height)
  eachCell(rect, frame, (place, index) => {
    cells[place] = frame.states[index]!
  })
  return { width: rect.width, height: rect.height, cells }
}

export const clearRect = (frame: Frame, rect: Rect): void =>
  eachCell(rect, frame, (_, index) => {
    frame.states[index] = 0
  })

/** Puts a clip on a frame. Dead cells of the clip leave the frame unchanged. The clip must be inside the frame. */
export const stamp = (frame: Frame, clip: Grid, { x, y }: Point): void =>
  eachCell({ x, y, width: clip.width, height: clip.height }, frame, (place, index) => {
    if (clip.cells[place] !== 0) frame.states[index] = clip.cells[place]!
  })

/** The top left cell for a clip that is centred on a cell, or as near to it as the grid allows. */
export const around = (cell: Point, clip: Size, grid: Size): Point => ({
  x: Math.max(0, Math.min(cell.x - Math.floor(clip.width / 2), grid.width - clip.width)),
  y: Math.max(0, Math.min(cell.y - Math.floor(clip.height / 2), grid.height - clip.height))
})

/** Reads rows of text, as the pattern library sends them. */
export const fromRows = (rows: ReadonlyArray<string>): Grid => {
  const width = Math.max(1, ...rows.map((row) => row.length))
  const cells = new Uint8Array(width * Math.max(1, rows.length))
  const hasLetters = rows.some((row) => /[^.O]/.test(row))
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++)
      if (row[x] !== ".") cells[y * width + x] = hasLetters ? row.charCodeAt(x) - 64 : 1
  })
  return { width, height: Math.max(1, rows.length), cells }
}

/** The text of an RLE file. */
export const toRle = (clip: Grid, rule: string): string =>
  [`x = ${clip.width}, y = ${clip.height}, rule = ${rule}`, ...RleRuns.lines(clip), ""].join("\n")
