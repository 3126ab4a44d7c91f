/** A picture of a game for the preview of a link to it, in the size that social networks and chats show. */
import * as Hexagons from "../../Protocol/Hexagons.ts"
import type { Snapshot } from "../Watch/WatchState.ts"
import type { Colour, Picture } from "./Png.ts"

export interface Size {
  readonly width: number
  readonly height: number
}

/** The size of the picture in pixels. */
export const fullSize = { width: 1200, height: 630 } as const

/** The size of the pictures in the list of games. */
export const smallSize = { width: 240, height: 126 } as const

/** The least pixels around the grid, of 1200, and the pixels of a cell from which on cells have a gap between them. */
const MARGIN = 24
const GAP_FROM = 6

const outside: Colour = [16, 19, 26]
const dead: Colour = [28, 36, 52]
const alive: Colour = [127, 178, 255]
const dyingFrom: Colour = [206, 92, 60]
const dyingTo: Colour = [84, 44, 50]

/** Indices of colours. The index of a state's colour is the state plus one. */
const OUTSIDE = 0
const DEAD = 1
const ALIVE = 2

const mix = (from: Colour, to: Colour, share: number): Colour => {
  const channel = (at: 0 | 1 | 2) => Math.round(from[at] + (to[at] - from[at]) * share)
  return [channel(0), channel(1), channel(2)]
}

const paletteOf = (stateCount: number): ReadonlyArray<Colour> => [
  outside,
  dead,
  alive,
  ...Array.from({ length: stateCount - 2 }, (_, index) => mix(dyingFrom, dyingTo, index / Math.max(1, stateCount - 3)))
]

/**
 * The colour of the cells from (row, col) to before (rowEnd, colEnd). If any is alive, the colour of living cells; else
 * that of the cell that died last.
 */
const colourOf = (
  { stateCount, states, width }: Snapshot,
  row: number,
  rowEnd: number,
  col: number,
  colEnd: number
): number => {
  let found = DEAD
  for (let r = row; r < rowEnd; r++) {
    for (let c = col; c < colEnd; c++) {
      const state = states[r * width + c]!
      if (state === 1) return ALIVE
      if (state !== 0 && state < stateCount && (found === DEAD || state + 1 < found)) found = state + 1
    }
  }
  return found
}

/**
 * Draws the grid as large as it fits, with whole pixels for a cell. If the grid has more cells than the picture has
 * pixels, several cells share a pixel.
 */
export const draw = (snapshot: Snapshot, size: Size = fullSize): Picture => {
  const isHexagonal = Hexagons.isRule(snapshot.topology.split(":")[0]!)
  const whole = isHexagonal ? Hexagons.extentOf(snapshot) : snapshot
  const margin = Math.round((MARGIN * size.width) / fullSize.width)
  const fitting = Math.min((size.width - 2 * margin) / whole.width, (size.height - 2 * margin) / whole.height)
  const scale = fitting >= 1 ? Math.floor(fitting) : fitting
  const extent = {
    width: Math.max(1, Math.floor(whole.width * scale)),
    height: Math.max(1, Math.floor(whole.height * scale))
  }
  const left = Math.floor((size.width - extent.width) / 2)
  const top = Math.floor((size.height - extent.height) / 2)
  const pixels = new Uint8Array(size.width * size.height).fill(OUTSIDE)
  const at = (x: number, y: number) => (top + y) * size.width + left + x
  const paint = isHexagonal ? drawHexagons : drawSquares
  paint(snapshot, scale, extent, (x, y, colour) => {
    pixels[at(x, y)] = colour
  })
  return { ...size, palette: paletteOf(snapshot.stateCount), pixels }
}

type Put = (x: number, y: number, colour: number) => void

const drawSquares = (snapshot: Snapshot, scale: number, extent: Size, put: Put): void => {
  const gap = scale >= GAP_FROM ? 1 : 0
  /** The first cell of a pixel, and the one after its last. */
  const cells = (pixel: number, most: number) => {
    const first = Math.min(most - 1, Math.floor(pixel / scale))
    return [first, Math.max(first + 1, Math.min(most, Math.floor((pixel + 1) / scale)))] as const
  }
  const isGap = (pixel: number) => gap > 0 && pixel % scale === scale - 1
  for (let y = 0; y < extent.height; y++) {
    if (isGap(y)) continue
    const [row, rowEnd] = cells(y, snapshot.height)
    for (let x = 0; x < extent.width; x++) {
      if (isGap(x)) continue
      const [col, colEnd] = cells(x, snapshot.width)
      put(x, y, colourOf(snapshot, row, rowEnd, col, colEnd))
    }
  }
}

/** The cells of a hexagonal grid. Of several cells that share a pixel, it shows those around the one in its middle. */
const drawHexagons = (snapshot: Snapshot, scale: number, extent: Size, put: Put): void => {
  const { height, width } = snapshot
  const more = Math.ceil(1 / scale) - 1
  for (let y = 0; y < extent.height; y++)
    for (let x = 0; x < extent.width; x++) {
      const cell = Hexagons.cellAt({ x: (x + 0.5) / scale, y: (y + 0.5) / scale }, height)
      if (cell.x < 0 || cell.y < 0 || cell.x >= width || cell.y >= height) continue
      const rowEnd = Math.min(height, cell.y + 1 + more)
      put(x, y, colourOf(snapshot, cell.y, rowEnd, cell.x, Math.min(width, cell.x + 1 + more)))
    }
}
