/** A worker that draws on the page's canvas, so that the page's own thread is free. */
import type { Order } from "./Painter.ts"

/** The messages from the page to the worker: first the canvas, then messages of the server and orders to draw. */
export type ToWorker =
  | { readonly _tag: "Canvas"; readonly canvas: OffscreenCanvas }
  /** A message of the server. Its bytes are transferred, not copied. */
  | { readonly _tag: "News"; readonly message: ArrayBuffer; readonly wantsWhole: boolean }
  | { readonly _tag: "Draw"; readonly order: Order }

/** The message from the worker to the page: an order was carried out. */
export type ToPage = { readonly _tag: "Drawn" }

const path = "/static/watch/drawing/main.js"

export interface DrawingWorkerHandlers {
  readonly onDrawn: () => void
  /** The worker could not be loaded, or it failed. The page can't use the canvas any more. */
  readonly onBroken: () => void
}

export class DrawingWorker {
  readonly #worker: Worker

  private constructor(canvas: OffscreenCanvas, { onBroken, onDrawn }: DrawingWorkerHandlers) {
    this.#worker = new Worker(path)
    this.#worker.onmessage = onDrawn
    this.#worker.onerror = (event) => {
      event.preventDefault()
      this.#worker.terminate()
      onBroken()
    }
    this.#post({ _tag: "Canvas", canvas }, [canvas])
  }

  /** Moves the canvas to a new worker. Returns `undefined` and leaves the canvas if the browser can't draw in workers. */
  static take(canvas: HTMLCanvasElement, handlers: DrawingWorkerHandlers): DrawingWorker | undefined {
    if (!("transferControlToOffscreen" in canvas) || typeof Worker === "undefined") return undefined
    return new DrawingWorker(canvas.transferControlToOffscreen(), handlers)
  }

  hear(message: ArrayBuffer, wantsWhole: boolean): void {
    this.#post({ _tag: "News", message, wantsWhole }, [message])
  }

  draw(order: Order): void {
    this.#post({ _tag: "Draw", order }, [])
  }

  #post(message: ToWorker, transfer: ReadonlyArray<Transferable>): void {
    this.#worker.postMessage(message, [...transfer])
  }
}
