/** Observes what the drawing worker does with its canvases. */
import type { Page, Worker } from "playwright-core"

/** The worker of a page, as soon as there is one. */
export const drawingWorker = async (page: Page): Promise<Worker> => {
  const isDrawing = (worker: Worker) => worker.url().includes("/static/watch/drawing/")
  return page.workers().find(isDrawing) ?? (await page.waitForEvent("worker", isDrawing))
}

/** Counts calls from now on: `putImageData` when a frame is painted, `drawImage` when it is drawn. */
export const countCalls = async (page: Page, method: "putImageData" | "drawImage"): Promise<() => Promise<number>> => {
  const worker = await drawingWorker(page)
  const calls = await worker.evaluateHandle((method) => {
    const prototype: Record<string, unknown> = Object.getPrototypeOf(new OffscreenCanvas(1, 1).getContext("2d")!)
    const original = prototype[method]
    const calls = { count: 0 }
    prototype[method] = function (this: unknown, ...given: ReadonlyArray<unknown>) {
      calls.count++
      return typeof original === "function" ? Reflect.apply(original, this, given) : undefined
    }
    return calls
  }, method)
  return () => calls.evaluate(({ count }) => count)
}
