/** The script of the drawing worker. */
import { Renderer } from "../Stage/Renderer.ts"
import type { ToWorker } from "../Stage/Stage.ts"

let renderer: Renderer | undefined

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data._tag !== "Canvas") renderer?.take(data)
  else
    renderer = new Renderer(data.canvas, (message, transfer) => self.postMessage(message, { transfer: [...transfer] }))
}
