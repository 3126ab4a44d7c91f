/** What a picture of a raster shows, and how. */
import type { Rect } from "../Model/Clip.ts"
import type { Point, Size, Viewport } from "../Model/Viewport.ts"
import type { Backdrop } from "./Backdrop.ts"

export interface PictureOptions {
  readonly view: Viewport
  readonly grid: Size
  /** Whether the cells are hexagons, whose rows are shifted. */
  readonly isHexagonal: boolean
  /** The size of the stage in CSS pixels, and the number of device pixels per CSS pixel. */
  readonly screen: Size
  readonly ratio: number
  readonly backdrop: Backdrop
  readonly hasLines: boolean
  /** Whether the edges are joined, so that the grid repeats beyond them. */
  readonly isRepeated: boolean
  /** The cell to frame, column and row. */
  readonly marked: Point | undefined
  /** The cells to frame with a dashed line. */
  readonly outline: Rect | undefined
  /** The opacity of the newest raster over the one before, from 0 to 1. */
  readonly fade: number
}
