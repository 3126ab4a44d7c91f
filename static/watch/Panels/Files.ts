/** Saves generations as files. */

import * as RleRuns from "../../../src/Life/Pattern/RleRuns.ts"
import * as Hexagons from "../../../src/Protocol/Hexagons.ts"
import type { Frame } from "../Model/Model.ts"
import { stepRange } from "../Model/Model.ts"
import { isHexagonal, parseUniverse } from "../Model/Universe.ts"
import type { Options } from "../Stage/Display.ts"
import { Picture } from "../Stage/Picture.ts"

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
const PICTURE_SIZE = 1_024

/** A canvas with a generation, magnified so that the cells are visible, with a longer side of about `most` pixels. */
export const pictureOf = (
  generation: Frame,
  topology: string,
  { backdrop, scheme, theme }: Options,
  most = PICTURE_SIZE
): HTMLCanvasElement => {
  const hexagonal = isHexagonal(parseUniverse(topology))
  const extent = hexagonal ? Hexagons.extentOf(generation) : generation
  const scale = Math.max(1, Math.floor(most / Math.max(extent.width, extent.height)))
  const canvas = document.createElement("canvas")
  const picture = new Picture(canvas)
  picture.next().paint(generation, theme, scheme, () => {})
  picture.draw({
    view: { scale, centre: { x: extent.width / 2, y: extent.height / 2 } },
    grid: { width: generation.width, height: generation.height },
    isHexagonal: hexagonal,
    screen: { width: Math.round(extent.width * scale), height: Math.round(extent.height * scale) },
    ...{ ratio: 1, backdrop, hasLines: false, isRepeated: false, fade: 1, marked: undefined, outline: undefined }
  })
  return canvas
}

/** Saves a generation as a picture. */
export const savePng = (generation: Frame, topology: string, options: Options): Promise<void> =>
  new Promise((resolve, reject) => {
    pictureOf(generation, topology, options).toBlob((blob) => {
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
