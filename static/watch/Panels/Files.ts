/** Frames as files. */

import * as RleRuns from "../../../src/Life/Pattern/RleRuns.ts"
import { unknown } from "../../../src/Protocol/WatchProtocol.ts"
import type { Frame } from "../Model/Model.ts"

const download = (blob: Blob, name: string): void => {
  const url = URL.createObjectURL(blob)
  const anchor = document.createElement("a")
  anchor.href = url
  anchor.download = name
  anchor.click()
  // The browser reads the file after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

const nameOf = ({ height, width }: Frame, step: number, extension: string): string =>
  `life-${width}x${height}-step-${Math.max(0, step)}.${extension}`

/** Pixels on the longer side of a picture, about. */
const pictureSize = 1_024

/** Saves `raster`, one pixel a cell, magnified so that it can be seen. */
export const savePng = (raster: HTMLCanvasElement, frame: Frame, step: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const scale = Math.max(1, Math.floor(pictureSize / Math.max(frame.width, frame.height)))
    const canvas = document.createElement("canvas")
    canvas.width = frame.width * scale
    canvas.height = frame.height * scale
    const context = canvas.getContext("2d")
    if (context === null) return reject(new Error("This browser cannot draw a picture of that size."))
    context.imageSmoothingEnabled = false
    context.drawImage(raster, 0, 0, canvas.width, canvas.height)
    canvas.toBlob((blob) => {
      if (blob === null) return reject(new Error("This browser cannot save a picture of that size."))
      download(blob, nameOf(frame, step, "png"))
      resolve()
    })
  })

/**
 * Saves the cells as a pattern. Its header names no rule: the server relays a game without knowing its rule.
 */
export const saveRle = (frame: Frame, step: number): void => {
  const { height, states, width } = frame
  const unheard = states.filter((state) => state === unknown).length
  const cells = states.map((state) => (state === 1 ? 1 : 0))
  const lines = [
    `#C Step ${Math.max(0, step)}, as seen by a watcher`,
    ...(unheard === 0 ? [] : [`#C ${unheard} cells had not told their state; they are taken as dead`]),
    `x = ${width}, y = ${height}`,
    ...RleRuns.lines({ width, height, cells }),
    ""
  ]
  download(new Blob([lines.join("\n")], { type: "text/plain" }), nameOf(frame, step, "rle"))
}
