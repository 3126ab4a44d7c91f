/** A worker that draws on the canvas of a page, so that the page's own thread is free. */
import type { Order } from "./Painter.ts"

/** The messages from the page to the worker, in this order: the canvas once, then what the server told and what to draw. */
export type ToWorker =
  | { readonly _tag: "Canvas"; readonly canvas: OffscreenCanvas }
  /** A message of the server; its bytes are moved, not copied. */
  | { readonly _tag: "News"; readonly message: ArrayBuffer; readonly wantsWhole: boolean }
  | { readonly _tag: "Draw"; readonly order: Order }

/** The message from the worker to the page: an order was carried out. */
export type ToPage = { readonly _tag: "Drawn" }

const path = "/static/watch/drawing/main.js"

export interface DrawingWorkerHandlers {
  readonly onDrawn: () => void
  /** The worker could not be loaded, or it broke; the canvas is lost to the page. */
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
    this.#tell({ _tag: "Canvas", canvas }, [canvas])
  }

  /** Takes the canvas, or leaves it and returns undefined where the browser draws in no worker. */
  static take(canvas: HTMLCanvasElement, handlers: DrawingWorkerHandlers): DrawingWorker | undefined {
    if (!("transferControlToOffscreen" in canvas) || typeof Worker === "undefined") return undefined
    return new DrawingWorker(canvas.transferControlToOffscreen(), handlers)
  }

  hear(message: ArrayBuffer, wantsWhole: boolean): void {
    this.#tell({ _tag: "News", message, wantsWhole }, [message])
  }

  draw(order: Order): void {
    this.#tell({ _tag: "Draw", order }, [])
  }

  #tell(message: ToWorker, transfer: ReadonlyArray<Transferable>): void {
    this.#worker.postMessage(message, [...transfer])
  }
}
