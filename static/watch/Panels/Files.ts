/** Saves generations as files. */

import * as RleRuns from "../../../src/Life/Pattern/RleRuns.ts"
import type { Frame } from "../Model/Model.ts"
import { stepRange } from "../Model/Model.ts"
import { parseUniverse } from "../Model/Universe.ts"
import { Raster } from "../Stage/Raster.ts"
import type { Scheme, Theme } from "../Stage/Themes.ts"

export const download = (blob: Blob, name: string): void => {
  const url = URL.createObjectURL(blob)
  const anchor = document.createElement("a")
  anchor.href = url
  anchor.download = name
  anchor.click()
  // The browser reads the file after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

const nameOf = (generation: Frame, extension: string): string =>
  `life-${generation.width}x${generation.height}-step-${stepRange(generation).min}.${extension}`

/** The approximate length of the longer side of a picture, in pixels. */
const pictureSize = 1_024

/** Saves a generation as a picture, magnified so that the cells are visible. */
export const savePng = (generation: Frame, theme: Theme, scheme: Scheme): Promise<void> =>
  new Promise((resolve, reject) => {
    const raster = new Raster()
    raster.paint(generation, theme, scheme, () => {})
    const scale = Math.max(1, Math.floor(pictureSize / Math.max(generation.width, generation.height)))
    const canvas = document.createElement("canvas")
    canvas.width = generation.width * scale
    canvas.height = generation.height * scale
    const context = canvas.getContext("2d")
    if (context === null) return reject(new Error("This browser cannot draw a picture of that size."))
    context.imageSmoothingEnabled = false
    context.drawImage(raster.canvas, 0, 0, canvas.width, canvas.height)
    canvas.toBlob((blob) => {
      if (blob === null) return reject(new Error("This browser cannot save a picture of that size."))
      download(blob, nameOf(generation, "png"))
      resolve()
    })
  })

/** The text of an RLE file. `topology` is the server's text, which may contain the rule. */
export const toRle = (generation: Frame, topology: string): string => {
  const { height, states, width } = generation
  const { edges, rule } = parseUniverse(topology)
  // Golly puts the centre of a bounded grid at 0,0. With this position the grid stays at its place.
  const position = `Pos=${-Math.floor(width / 2)},${-Math.floor(height / 2)}`
  return [
    ...(rule === undefined ? ["#C The server does not know the rule."] : []),
    `#CXRLE ${position} Gen=${stepRange(generation).min}`,
    `x = ${width}, y = ${height}${rule === undefined ? "" : `, rule = ${rule}${edges === undefined ? "" : `:${edges}`}`}`,
    ...RleRuns.lines({ width, height, cells: states }),
    ""
  ].join("\n")
}

export const saveRle = (generation: Frame, topology: string): void =>
  download(new Blob([toRle(generation, topology)], { type: "text/plain" }), nameOf(generation, "rle"))
