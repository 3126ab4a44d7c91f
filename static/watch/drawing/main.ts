/**
 * The script of the drawing worker. It reads the server's messages like the page, keeps the newest state of the game, and carries
 * out the page's orders.
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
      // The page reads the same messages and reports errors in them.
      model.apply(decode(new Uint8Array(data.message)) ?? [])
      break
    case "Draw": {
      painter?.carryOut(data.order)
      const drawn: ToPage = { _tag: "Drawn" }
      self.postMessage(drawn)
    }
  }
}
