/**
 * The script of the worker that draws: it reads the server's messages as the page does, keeps the newest of the game, and
 * carries out the page's orders.
 */
import { decode } from "../../../src/Protocol/WatchDecoder.ts"
import { Model } from "../Model/Model.ts"
import type { ToPage, ToWorker } from "../Stage/DrawingWorker.ts"
import { Painter } from "../Stage/Painter.ts"

const model = new Model()
let painter: Painter | undefined

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  switch (data._tag) {
    case "Canvas":
      painter = new Painter(data.canvas, () => model.frame)
      break
    case "News":
      model.wantsWhole = data.wantsWhole
      // The page has read them too, and tells what is wrong with them.
      model.apply(decode(new Uint8Array(data.message)) ?? [])
      break
    case "Draw": {
      painter?.carryOut(data.order)
      const drawn: ToPage = { _tag: "Drawn" }
      self.postMessage(drawn)
    }
  }
}
