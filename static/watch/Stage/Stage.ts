/** The canvas on the page. A worker draws on it or, if there is none, the page's own thread. */
import type { Model } from "../Model/Model.ts"
import type { Size } from "../Model/Viewport.ts"
import { DrawingWorker } from "./DrawingWorker.ts"
import type { Order } from "./Painter.ts"
import { Painter } from "./Painter.ts"

/** The most orders at the same time: one is drawn while the next one waits. */
const ordersLimit = 2

export class Stage {
  /** Called when the size of the stage has changed. */
  onResize: () => void = () => {}
  /** Called when the stage can take another order. */
  onReady: () => void = () => {}
  /** Called when the canvas is empty, so that everything must be drawn again. */
  onBlank: () => void = () => {}
  readonly #model: Model
  #canvas: HTMLCanvasElement
  #worker: DrawingWorker | undefined
  #painter: Painter | undefined
  #orders = 0
  /** The size is stored, because asking the page for it makes the browser compute the layout. */
  #size: Size = { width: 0, height: 0 }
  readonly #observer = new ResizeObserver(() => {
    this.#measure()
    this.onResize()
  })

  constructor(canvas: HTMLCanvasElement, model: Model) {
    this.#canvas = canvas
    this.#model = model
    this.#measure()
    this.#observer.observe(canvas)
    this.#worker = DrawingWorker.take(canvas, {
      onDrawn: () => {
        this.#orders--
        this.onReady()
      },
      onBroken: () => this.#drawHere()
    })
  }

  /** The current canvas. It may be replaced later. */
  get canvas(): HTMLCanvasElement {
    return this.#canvas
  }

  get size(): Size {
    return this.#size
  }

  /** Whether an order would have to wait for others. */
  get isBusy(): boolean {
    return this.#orders >= ordersLimit
  }

  /** Takes a message of the server after the model has read it. From then on the bytes belong to the stage. */
  hear(message: ArrayBuffer): void {
    this.#worker?.hear(message, this.#model.wantsWhole)
  }

  draw(order: Order): void {
    if (this.#worker !== undefined) {
      this.#orders++
      this.#worker.draw(order)
      return
    }
    this.#painter ??= new Painter(this.#canvas, () => this.#model.frame)
    this.#painter.carryOut(order)
  }

  #measure(): void {
    this.#size = { width: this.#canvas.clientWidth, height: this.#canvas.clientHeight }
  }

  /** Draws in this thread. The page can't get back a canvas that a worker has, so a new canvas replaces it. */
  #drawHere(): void {
    const fresh = document.createElement("canvas")
    for (const { name, value } of this.#canvas.attributes) fresh.setAttribute(name, value)
    this.#canvas.replaceWith(fresh)
    this.#observer.unobserve(this.#canvas)
    this.#observer.observe(fresh)
    this.#canvas = fresh
    this.#worker = undefined
    this.#orders = 0
    this.onBlank()
  }
}
