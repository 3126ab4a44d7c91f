/** The canvas on the page, and who draws on it: a worker, or the page's own thread where there is none. */
import type { Model } from "../Model/Model.ts"
import type { Size } from "../Model/Viewport.ts"
import { DrawingWorker } from "./DrawingWorker.ts"
import type { Order } from "./Painter.ts"
import { Painter } from "./Painter.ts"

/** Orders that may be under way: one is drawn while the next comes. */
const ordersLimit = 2

export class Stage {
  /** Called when the stage has another size. */
  onResize: () => void = () => {}
  /** Called when there is time for another order. */
  onReady: () => void = () => {}
  /** Called when nothing is on the canvas any more. */
  onBlank: () => void = () => {}
  readonly #model: Model
  #canvas: HTMLCanvasElement
  #worker: DrawingWorker | undefined
  #painter: Painter | undefined
  #orders = 0
  /** Kept: to ask the page for it makes the browser lay the page out. */
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

  /** May be another one later. */
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

  /** Takes a message of the server after the model has read it. The bytes belong to the stage from now on. */
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

  /** The page cannot have a canvas back that it gave away: another takes its place. */
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
