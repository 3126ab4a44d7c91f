/** The canvas on the page. A worker has the states of the game and draws them, or the page's own thread if there is none. */
import type { Calm } from "../Model/DrawPace.ts"
import type { Model, Sighting } from "../Model/Model.ts"
import type { Size } from "../Model/Viewport.ts"
import type { FromPage, Order, ToPage } from "./Renderer.ts"
import { Renderer } from "./Renderer.ts"

/** The most orders at the same time: one is drawn while the next one waits. */
const ORDERS_LIMIT = 2

const SCRIPT = "/static/watch/drawing/main.js"

/** What the page posts to the worker: first the canvas. */
export type ToWorker = FromPage | { readonly _tag: "Canvas"; readonly canvas: OffscreenCanvas }

export class Stage {
  /** Called when the size of the stage has changed. */
  onResize: () => void = () => {}
  /** Called when the stage can take another order. `calm` is what the guard says after a picture that it has looked at. */
  onReady: (calm: Calm | undefined) => void = () => {}
  /** Called when the canvas is empty, so that everything must be drawn again. */
  onBlank: () => void = () => {}
  /** Called when the states are lost, so that the server must send them again. */
  onLoss: () => void = () => {}
  /** Called with the cells of the game, a few times a second while they change, and when they were asked for (`isAsked`). */
  onFrame: (sighting: Sighting, isAsked: boolean) => void = () => {}
  /** Called when the server sent cells that are not on the grid, or (not `isReadable`) bytes that are no message. */
  onFault: (isReadable: boolean) => void = () => {}
  #canvas: HTMLCanvasElement
  #post: (message: FromPage, transfer: ReadonlyArray<Transferable>) => void
  #orders = 0
  /** Whether the guard looks at a picture. What it says decides when the next one may be drawn. */
  #isGuarding = false
  /** The size is stored, because asking the page for it makes the browser compute the layout. */
  #size: Size = { width: 0, height: 0 }
  readonly #observer = new ResizeObserver(() => {
    this.#measure()
    this.onResize()
  })

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    this.#measure()
    this.#observer.observe(canvas)
    this.#post = this.#useWorker() ?? this.#useThread(canvas)
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
    return this.#isGuarding || this.#orders >= ORDERS_LIMIT
  }

  /** Takes a message of the server after the model has read it. From then on the bytes belong to the stage. */
  receive(message: ArrayBuffer, { begun, wantsWhole }: Model): void {
    this.#post({ _tag: "News", message, begun, wantsWhole }, [message])
  }

  /** Asks for the newest cells. */
  poll(): void {
    this.#post({ _tag: "Poll" }, [])
  }

  draw(order: Order): void {
    this.#orders++
    this.#isGuarding ||= order.painting?.guarded !== undefined
    this.#post({ _tag: "Draw", order }, [])
  }

  #take(message: ToPage): void {
    switch (message._tag) {
      case "Drawn":
        this.#orders--
        if (message.calm !== undefined) this.#isGuarding = false
        return this.onReady(message.calm)
      case "Frame":
        return this.onFrame(message.sighting, message.isAsked)
      case "Fault":
        return this.onFault(message.isReadable)
    }
  }

  #measure(): void {
    this.#size = { width: this.#canvas.clientWidth, height: this.#canvas.clientHeight }
  }

  /** Gives the canvas to a new worker. Returns `undefined` and keeps it if the browser can't draw in workers. */
  #useWorker() {
    if (!("transferControlToOffscreen" in this.#canvas) || typeof Worker === "undefined") return undefined
    const worker = new Worker(SCRIPT)
    worker.onmessage = ({ data }: MessageEvent<ToPage>) => this.#take(data)
    worker.onerror = (event) => {
      event.preventDefault()
      worker.terminate()
      // What it posted or threw before may still come, and is not about the new canvas.
      worker.onmessage = worker.onerror = null
      this.#replaceCanvas()
    }
    const post = (message: ToWorker, transfer: ReadonlyArray<Transferable>) =>
      worker.postMessage(message, { transfer: [...transfer] })
    const canvas = this.#canvas.transferControlToOffscreen()
    post({ _tag: "Canvas", canvas }, [canvas])
    return post
  }

  #useThread(canvas: HTMLCanvasElement) {
    const renderer = new Renderer(canvas, (message) => this.#take(message))
    return (message: FromPage) => renderer.take(message)
  }

  /** The worker could not be loaded, or it failed. The page can't get back the canvas that it has, so a new one replaces it. */
  #replaceCanvas(): void {
    const fresh = document.createElement("canvas")
    for (const { name, value } of this.#canvas.attributes) fresh.setAttribute(name, value)
    this.#canvas.replaceWith(fresh)
    this.#observer.unobserve(this.#canvas)
    this.#observer.observe(fresh)
    this.#canvas = fresh
    this.#post = this.#useThread(fresh)
    this.#orders = 0
    this.#isGuarding = false
    this.onBlank()
    this.onLoss()
  }
}
