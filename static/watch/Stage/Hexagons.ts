/** Draws a hexagonal grid from its raster: rows of small cells as strips, large cells as hexagons. It does not depend on the page. */
import { wrap } from "../../../src/Life/Universe/Topology.ts"
import * as Hexagons from "../../../src/Protocol/Hexagons.ts"
import type { Rect } from "../Model/Clip.ts"
import type { Point } from "../Model/Viewport.ts"
import { toGrid, toScreen } from "../Model/Viewport.ts"
import type { PictureOptions } from "./PictureOptions.ts"

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D

/** Cells are hexagons from this many pixels on; below, nobody sees their corners. */
const HEXAGON_SCALE = 10

/** The opacity of the repeated grid, and how often it is repeated on each side. */
const REPEAT_OPACITY = 0.3
const REPEATS = 3

const fillStyle = (pixel: number): string => `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`

/** Adds a hexagon with this many pixels from side to side. */
const add = (path: Path2D, { x, y }: Point, width: number): void => {
  const tip = Hexagons.tip * width
  path.moveTo(x, y - tip)
  path.lineTo(x + width / 2, y - tip / 2)
  path.lineTo(x + width / 2, y + tip / 2)
  path.lineTo(x, y + tip)
  path.lineTo(x - width / 2, y + tip / 2)
  path.lineTo(x - width / 2, y - tip / 2)
  path.closePath()
}

/** Calls `use` for the visible cells of each row, from a column to before another one. Beyond the edges are those of the repeated grid. */
const eachRow = (
  { grid, isRepeated, screen, view }: PictureOptions,
  use: (y: number, from: number, to: number, isRepeat: boolean) => void
): void => {
  const around = isRepeated ? REPEATS : 0
  const [top, bottom] = [0, screen.height].map((y) => (toGrid(view, screen, { x: 0, y }).y - 0.5) / Hexagons.rowHeight)
  const first = Math.max(-around * grid.height, Math.floor(top!) - 1)
  const last = Math.min((around + 1) * grid.height, Math.ceil(bottom!) + 1)
  for (let y = first; y < last; y++) {
    const shift = (grid.height - y) / 2
    const [left, right] = [0, screen.width].map((x) => toGrid(view, screen, { x, y: 0 }).x - shift)
    for (let tile = -around; tile <= around; tile++) {
      const from = Math.max(tile * grid.width, Math.floor(left!) - 1)
      const to = Math.min((tile + 1) * grid.width, Math.ceil(right!) + 2)
      if (from < to) use(y, from, to, tile !== 0 || y < 0 || y >= grid.height)
    }
  }
}

/** The cells with one pixel each. */
interface Pixels {
  readonly canvas: HTMLCanvasElement | OffscreenCanvas
  readonly pixels: Uint32Array
}

/** Draws a raster over what is there. */
export const drawCells = (context: Context, options: PictureOptions, raster: Pixels, opacity: number): void => {
  const { grid, screen, view } = options
  const { scale } = view
  const at = (x: number, y: number) => toScreen(view, screen, Hexagons.centreOf({ x, y }, grid.height))
  if (scale < HEXAGON_SCALE) {
    eachRow(options, (y, from, to, isRepeat) => {
      const left = at(from, y)
      const below = at(from, y + 1).y
      context.globalAlpha = opacity * (isRepeat ? REPEAT_OPACITY : 1)
      context.drawImage(
        raster.canvas,
        ...[wrap(from, grid.width), wrap(y, grid.height), to - from, 1],
        ...([left.x - scale / 2, left.y - scale / 2, (to - from) * scale, below - left.y] as const)
      )
    })
    context.globalAlpha = 1
    return
  }
  const paths = [new Map<number, Path2D>(), new Map<number, Path2D>()]
  eachRow(options, (y, from, to, isRepeat) => {
    const group = paths[isRepeat ? 1 : 0]!
    for (let x = from; x < to; x++) {
      const pixel = raster.pixels[wrap(y, grid.height) * grid.width + wrap(x, grid.width)]!
      const path = group.get(pixel) ?? new Path2D()
      group.set(pixel, path)
      add(path, at(x, y), scale)
    }
  })
  for (const [index, group] of paths.entries())
    for (const [pixel, path] of group) {
      context.globalAlpha = opacity * (index === 1 ? REPEAT_OPACITY : 1)
      context.fillStyle = fillStyle(pixel)
      context.fill(path)
      // Neighbours must leave no gap between them.
      context.strokeStyle = options.hasLines ? options.backdrop.line : context.fillStyle
      context.lineWidth = 1
      context.stroke(path)
    }
  context.globalAlpha = 1
}

/** Frames a cell. */
export const markCell = (context: Context, { grid, screen, view }: PictureOptions, cell: Point): void => {
  const path = new Path2D()
  add(path, toScreen(view, screen, Hexagons.centreOf(cell, grid.height)), Math.max(view.scale, 5) + 2)
  context.stroke(path)
}

/** Outlines a rectangle of cells, which is a parallelogram on the screen. */
export const outline = (context: Context, { grid, screen, view }: PictureOptions, rect: Rect): void => {
  const corner = (x: number, y: number) =>
    toScreen(view, screen, Hexagons.centreOf({ x: x - 0.5, y: y - 0.5 }, grid.height))
  const corners = [
    corner(rect.x, rect.y),
    corner(rect.x + rect.width, rect.y),
    corner(rect.x + rect.width, rect.y + rect.height),
    corner(rect.x, rect.y + rect.height)
  ]
  context.beginPath()
  for (const { x, y } of corners) context.lineTo(x, y)
  context.closePath()
  context.stroke()
}
