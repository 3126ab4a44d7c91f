/** A picture of a game for the preview of a link to it, in the size that social networks and chats show. */
import * as Effect from "effect/Effect"
import * as Hexagons from "../../Protocol/Hexagons.ts"
import type { WatchSnapshot } from "../Watch/WatchState.ts"
import * as Png from "./Png.ts"

export type Size = Pick<Png.Picture, "width" | "height">

/** The size of the picture in pixels. */
export const fullSize = { width: 1200, height: 630 } as const

/** The size of the pictures in the list of games. */
export const smallSize = { width: 240, height: 126 } as const

/** The least pixels around the grid, of 1200, and the pixels of a cell from which on cells have a gap between them. */
const MARGIN = 24
const GAP_FROM = 6

const outside: Png.Colour = [16, 19, 26]
const dead: Png.Colour = [28, 36, 52]
const alive: Png.Colour = [127, 178, 255]
const dyingFrom: Png.Colour = [206, 92, 60]
const dyingTo: Png.Colour = [84, 44, 50]

/** Indices of colours. The index of a state's colour is the state plus one. */
const OUTSIDE = 0
const DEAD = 1
const ALIVE = 2

const mix = (from: Png.Colour, to: Png.Colour, share: number): Png.Colour => {
  const channel = (at: 0 | 1 | 2) => Math.round(from[at] + (to[at] - from[at]) * share)
  return [channel(0), channel(1), channel(2)]
}

const paletteOf = (stateCount: number): ReadonlyArray<Png.Colour> => [
  outside,
  dead,
  alive,
  ...Array.from({ length: stateCount - 2 }, (_, index) => mix(dyingFrom, dyingTo, index / Math.max(1, stateCount - 3)))
]

/** The colour of the cells from (row, col) to before (rowEnd, colEnd): of a living one, else of the last that died. */
const colourOf = (
  { stateCount, states, width }: WatchSnapshot,
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

/** Draws the grid as large as it fits, with whole pixels for a cell, or several cells in a pixel. */
export const draw = (snapshot: WatchSnapshot, size: Size = fullSize): Png.Picture => {
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
  const paint = isHexagonal ? drawHexagons : drawSquares
  paint(snapshot, scale, extent, { pixels, first: top * size.width + left, stride: size.width })
  return { ...size, palette: paletteOf(snapshot.stateCount), pixels }
}

/**
 * The PNG file of what `snapshot` returns, made at most once in a second, for all requests. Drawing takes the event loop, so
 * between two pictures of one `turns` (a semaphore with one permit) it has its turn, however many are asked for at once.
 */
export const file = (
  turns: Effect.Semaphore,
  snapshot: () => WatchSnapshot,
  size: Size
): Effect.Effect<Effect.Effect<Uint8Array>> =>
  Effect.cachedWithTTL(
    turns.withPermits(1)(Effect.promise(() => Png.encode(draw(snapshot(), size)))),
    "1 second"
    // Whoever asks first may leave, and the picture is for all.
  ).pipe(Effect.map(Effect.uninterruptible))

interface Canvas {
  readonly pixels: Uint8Array
  /** The index of the grid's first pixel, and the number from a pixel to the one below it. */
  readonly first: number
  readonly stride: number
}

const drawSquares = (snapshot: WatchSnapshot, scale: number, extent: Size, { first, pixels, stride }: Canvas): void => {
  const gap = scale >= GAP_FROM ? 1 : 0
  /** The first cell of a pixel, and the one after its last. */
  const cells = (pixel: number, most: number) => {
    const first = Math.min(most - 1, Math.floor(pixel / scale))
    return [first, Math.max(first + 1, Math.min(most, Math.floor((pixel + 1) / scale)))] as const
  }
  const isGap = (pixel: number) => gap > 0 && pixel % scale === scale - 1
  let drawn = { row: -1, line: 0 }
  for (let y = 0; y < extent.height; y++) {
    if (isGap(y)) continue
    const [row, rowEnd] = cells(y, snapshot.height)
    const line = first + y * stride
    // A cell of several pixels has the same colours in each of its lines.
    if (scale >= 1 && row === drawn.row) {
      pixels.copyWithin(line, drawn.line, drawn.line + extent.width)
      continue
    }
    for (let x = 0; x < extent.width; x++) {
      if (isGap(x)) continue
      const [col, colEnd] = cells(x, snapshot.width)
      pixels[line + x] = colourOf(snapshot, row, rowEnd, col, colEnd)
    }
    drawn = { row, line }
  }
}

/** The cells of a hexagonal grid. Of several cells that share a pixel, it shows those around the one in its middle. */
const drawHexagons = (
  snapshot: WatchSnapshot,
  scale: number,
  extent: Size,
  { first, pixels, stride }: Canvas
): void => {
  const { height, width } = snapshot
  const more = Math.ceil(1 / scale) - 1
  for (let y = 0; y < extent.height; y++)
    for (let x = 0; x < extent.width; x++) {
      const cell = Hexagons.cellAt({ x: (x + 0.5) / scale, y: (y + 0.5) / scale }, height)
      if (cell.x < 0 || cell.y < 0 || cell.x >= width || cell.y >= height) continue
      const rowEnd = Math.min(height, cell.y + 1 + more)
      const colour = colourOf(snapshot, cell.y, rowEnd, cell.x, Math.min(width, cell.x + 1 + more))
      pixels[first + y * stride + x] = colour
    }
}
