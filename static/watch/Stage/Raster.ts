/** A picture of a frame with one pixel per cell. */
import type { Frame } from "../Model/Model.ts"
import type { Scheme, Theme } from "./Themes.ts"

/** A worker has no elements, and some browsers have no `OffscreenCanvas`. */
const makeCanvas = (): HTMLCanvasElement | OffscreenCanvas =>
  typeof document === "undefined" ? new OffscreenCanvas(1, 1) : document.createElement("canvas")

export class Raster {
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
