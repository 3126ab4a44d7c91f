/** The visible part of the grid and its scale. Lengths on the screen are in CSS pixels. Pure. */

export interface Size {
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Viewport {
  /** Pixels per cell. */
  readonly scale: number
  /** The place on the grid, in cells, at the centre of the screen. */
  readonly centre: Point
}

export const MAX_SCALE = 80

/** Pixels around a grid that fits on the screen. */
const MARGIN = 16

/** The scale at which all of an extent is visible. Extents and places are in cells; a hexagonal grid has another extent than its size. */
const fittingScale = (grid: Size, screen: Size): number => {
  const scale = Math.min((screen.width - 2 * MARGIN) / grid.width, (screen.height - 2 * MARGIN) / grid.height)
  const bounded = Math.min(Math.max(scale, 0.01), MAX_SCALE)
  // With a whole number of pixels all cells have the same size.
  return bounded > 1 ? Math.floor(bounded) : bounded
}

export const wholeGrid = (grid: Size, screen: Size): Viewport => ({
  scale: fittingScale(grid, screen),
  centre: { x: grid.width / 2, y: grid.height / 2 }
})

/** The visible part of the grid, in cells. */
export const regionOf = (view: Viewport, screen: Size): Size & { readonly centre: Point } => ({
  centre: view.centre,
  width: screen.width / view.scale,
  height: screen.height / view.scale
})

/** A view that shows a whole region. If the screen has another shape, it shows more. */
export const showing = (region: Size & { readonly centre: Point }, screen: Size): Viewport => ({
  centre: region.centre,
  scale: Math.min(screen.width / region.width, screen.height / region.height)
})

const between = (low: number, value: number, high: number) => Math.min(Math.max(value, low), high)

/** Limits a view: the centre of the screen stays on the grid, and the scale stays in its range. */
export const bound = (view: Viewport, grid: Size, screen: Size): Viewport => ({
  scale: between(Math.min(fittingScale(grid, screen), 1) / 4, view.scale, MAX_SCALE),
  centre: { x: between(0, view.centre.x, grid.width), y: between(0, view.centre.y, grid.height) }
})

/** The place on the grid, in cells, at a point of the screen. */
export const toGrid = (view: Viewport, screen: Size, point: Point): Point => ({
  x: view.centre.x + (point.x - screen.width / 2) / view.scale,
  y: view.centre.y + (point.y - screen.height / 2) / view.scale
})

/** The point of the screen at a place on the grid. */
export const toScreen = (view: Viewport, screen: Size, place: Point): Point => ({
  x: (place.x - view.centre.x) * view.scale + screen.width / 2,
  y: (place.y - view.centre.y) * view.scale + screen.height / 2
})

/** Moves the picture by a number of pixels. */
export const pan = (view: Viewport, dx: number, dy: number): Viewport => ({
  scale: view.scale,
  centre: { x: view.centre.x - dx / view.scale, y: view.centre.y - dy / view.scale }
})

/** Magnifies by `factor`. The place under `point` stays there. */
export const zoomAt = (view: Viewport, screen: Size, point: Point, factor: number): Viewport => {
  const scale = Math.min(view.scale * factor, MAX_SCALE)
  const place = toGrid(view, screen, point)
  return {
    scale,
    centre: {
      x: place.x - (point.x - screen.width / 2) / scale,
      y: place.y - (point.y - screen.height / 2) / scale
    }
  }
}
