/** Draws the grid: a raster magnified without smoothing, grid lines, and the repeated grid beyond joined edges. It does not depend on the page. */
import type { Rect } from "../Model/Clip.ts"
import type { Frame } from "../Model/Model.ts"
import type { Point, Size } from "../Model/Viewport.ts"
import { toScreen } from "../Model/Viewport.ts"
import * as Hexagons from "./Hexagons.ts"
import type { PictureOptions } from "./PictureOptions.ts"
import type { Scheme, Theme } from "./Themes.ts"

/** Grid lines are drawn from this many pixels per cell on. */
const LINE_SCALE = 7

/** A worker has no elements, and some browsers have no `OffscreenCanvas`. */
const makeCanvas = (): HTMLCanvasElement | OffscreenCanvas =>
  typeof document === "undefined" ? new OffscreenCanvas(1, 1) : document.createElement("canvas")

/** A frame with one pixel per cell. */
class Raster {
  readonly canvas = makeCanvas()
  readonly #context = this.canvas.getContext("2d", { alpha: false }) as
    | CanvasRenderingContext2D
    | OffscreenCanvasRenderingContext2D
  #image = new ImageData(1, 1)
  /** A colour for each cell. */
  pixels = new Uint32Array(this.#image.data.buffer)

  #resize(width: number, height: number): void {
    if (this.canvas.width === width && this.canvas.height === height) return
    this.canvas.width = width
    this.canvas.height = height
    this.#image = new ImageData(width, height)
    this.pixels = new Uint32Array(this.#image.data.buffer)
  }

  /** Paints `frame`. First `prepare` colours the cells without a state. */
  paint(frame: Frame, theme: Theme, scheme: Scheme, prepare: (pixels: Uint32Array) => void): void {
    this.#resize(Math.max(1, frame.width), Math.max(1, frame.height))
    prepare(this.pixels)
    theme.paint(frame, scheme, this.pixels)
    this.#context.putImageData(this.#image, 0, 0)
  }
}

export class Picture {
  readonly #canvas: HTMLCanvasElement | OffscreenCanvas
  readonly #context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D
  /** The newest raster, and the one before, which fades out. */
  #current = new Raster()
  #before = new Raster()

  /** Throws if the browser can't draw on the canvas. */
  constructor(canvas: HTMLCanvasElement | OffscreenCanvas) {
    const context = canvas.getContext("2d", { alpha: false })
    if (context === null) throw new Error("This browser can't draw on a canvas.")
    this.#canvas = canvas
    // TypeScript finds no common type for the two canvas types.
    this.#context = context as CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D
  }

  /** Returns the older raster, which the caller paints as the newest one. */
  next(): Raster {
    const free = this.#before
    this.#before = this.#current
    this.#current = free
    return free
  }

  draw(options: PictureOptions): void {
    const { backdrop, fade, grid, hasLines, isRepeated, marked, outline, ratio, screen, view } = options
    const context = this.#context
    const width = Math.round(screen.width * ratio)
    const height = Math.round(screen.height * ratio)
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width
      this.#canvas.height = height
    }
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.fillStyle = backdrop.outside
    context.fillRect(0, 0, width, height)
    if (grid.width === 0) return
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    // If cells are smaller than a pixel, some would be lost without smoothing.
    context.imageSmoothingEnabled = view.scale * ratio < 1
    if (options.isHexagonal) return this.#drawHexagons(options)
    const origin = toScreen(view, screen, { x: 0, y: 0 })
    const extent = { width: grid.width * view.scale, height: grid.height * view.scale }
    if (isRepeated) this.#drawRepeats(screen, origin, extent, fade)
    this.#drawRaster(origin, extent, 1, fade)
    this.#drawFrame(origin, extent, backdrop.line)
    if (hasLines && view.scale >= LINE_SCALE) this.#drawLines(screen, origin, extent, view.scale, backdrop.line)
    if (outline !== undefined) this.#drawOutline(origin, view.scale, outline, backdrop.mark)
    if (marked !== undefined) this.#drawMark(origin, view.scale, marked, backdrop.mark)
  }

  #drawHexagons(options: PictureOptions): void {
    const { backdrop, fade, marked, outline } = options
    const context = this.#context
    const isFading = this.#isFading(fade)
    if (isFading) Hexagons.drawCells(context, options, this.#before, 1)
    Hexagons.drawCells(context, options, this.#current, isFading ? fade : 1)
    context.strokeStyle = backdrop.mark
    context.lineWidth = 2
    if (outline !== undefined) {
      context.setLineDash([6, 4])
      Hexagons.outline(context, options, outline)
      context.setLineDash([])
    }
    if (marked !== undefined) Hexagons.markCell(context, options, marked)
  }

  #isFading(fade: number): boolean {
    return fade < 1 && this.#before.canvas.width === this.#current.canvas.width
  }

  #drawRaster(at: Point, extent: Size, opacity: number, fade: number): void {
    const context = this.#context
    const isFading = this.#isFading(fade)
    context.globalAlpha = opacity
    if (isFading) context.drawImage(this.#before.canvas, at.x, at.y, extent.width, extent.height)
    context.globalAlpha = opacity * (isFading ? fade : 1)
    context.drawImage(this.#current.canvas, at.x, at.y, extent.width, extent.height)
    context.globalAlpha = 1
  }

  #drawRepeats({ height, width }: Size, origin: Point, extent: Size, fade: number): void {
    const left = -Math.min(3, Math.ceil(origin.x / extent.width))
    const top = -Math.min(3, Math.ceil(origin.y / extent.height))
    const right = Math.min(3, Math.ceil((width - origin.x) / extent.width))
    const bottom = Math.min(3, Math.ceil((height - origin.y) / extent.height))
    for (let row = top; row < bottom; row++)
      for (let column = left; column < right; column++)
        if (row !== 0 || column !== 0)
          this.#drawRaster(
            { x: origin.x + column * extent.width, y: origin.y + row * extent.height },
            extent,
            0.3,
            fade
          )
  }

  /** Draws the edges of the grid. Beyond them the grid is repeated. */
  #drawFrame(origin: Point, extent: Size, colour: string): void {
    this.#context.strokeStyle = colour
    this.#context.lineWidth = 1
    this.#context.strokeRect(
      Math.round(origin.x) - 0.5,
      Math.round(origin.y) - 0.5,
      Math.round(extent.width) + 1,
      Math.round(extent.height) + 1
    )
  }

  #drawLines({ height, width }: Size, origin: Point, extent: Size, scale: number, colour: string): void {
    const context = this.#context
    context.beginPath()
    for (let column = Math.max(0, Math.floor(-origin.x / scale)); column * scale <= extent.width + 0.01; column++) {
      const x = Math.round(origin.x + column * scale) + 0.5
      if (x > width) break
      context.moveTo(x, Math.max(0, origin.y))
      context.lineTo(x, Math.min(height, origin.y + extent.height))
    }
    for (let row = Math.max(0, Math.floor(-origin.y / scale)); row * scale <= extent.height + 0.01; row++) {
      const y = Math.round(origin.y + row * scale) + 0.5
      if (y > height) break
      context.moveTo(Math.max(0, origin.x), y)
      context.lineTo(Math.min(width, origin.x + extent.width), y)
    }
    context.strokeStyle = colour
    context.lineWidth = 1
    // Small cells have many lines, which must not be brighter than the cells.
    context.globalAlpha = Math.min(1, (scale - 4) / 14)
    context.stroke()
    context.globalAlpha = 1
  }

  #drawOutline(origin: Point, scale: number, { height, width, x, y }: Rect, colour: string): void {
    const context = this.#context
    context.strokeStyle = colour
    context.lineWidth = 2
    context.setLineDash([6, 4])
    context.strokeRect(origin.x + x * scale - 1, origin.y + y * scale - 1, width * scale + 2, height * scale + 2)
    context.setLineDash([])
  }

  #drawMark(origin: Point, scale: number, cell: Point, colour: string): void {
    const context = this.#context
    const edge = Math.max(scale, 5)
    const centre = { x: origin.x + (cell.x + 0.5) * scale, y: origin.y + (cell.y + 0.5) * scale }
    context.strokeStyle = colour
    context.lineWidth = 2
    context.strokeRect(centre.x - edge / 2 - 1, centre.y - edge / 2 - 1, edge + 2, edge + 2)
  }
}
