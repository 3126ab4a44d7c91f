/** From where the grid is looked at: which part of it is seen, and which cells are framed. */
import { centreOfLife } from "../Model/Centre.ts"
import type { Rect } from "../Model/Clip.ts"
import type { Frame } from "../Model/Model.ts"
import type { Region } from "../Model/Preferences.ts"
import type { Point, Size, Viewport } from "../Model/Viewport.ts"
import { bound, showing, toGrid, wholeGrid } from "../Model/Viewport.ts"

export class Camera {
  /** Called when the grid is looked at in another way. */
  onChange: () => void = () => {}
  /** Called with the cell that is marked, as that may be another. */
  onMark: (cell: Point | undefined) => void = () => {}
  readonly #grid: () => Size
  readonly #screen: () => Size
  /** Undefined while the whole grid is to be seen, whatever the size of the window. */
  #view: Viewport | undefined
  #marked: Point | undefined
  #outline: Rect | undefined
  #isFollowing = false

  /** `grid` is in cells, `screen` in CSS pixels; both change. */
  constructor(grid: () => Size, screen: () => Size) {
    this.#grid = grid
    this.#screen = screen
  }

  get screen(): Size {
    return this.#screen()
  }

  get view(): Viewport {
    return this.#view ?? wholeGrid(this.#grid(), this.screen)
  }

  /** Undefined when the whole grid is seen. */
  get chosenView(): Viewport | undefined {
    return this.#view
  }

  get marked(): Point | undefined {
    return this.#marked
  }

  get isFollowing(): boolean {
    return this.#isFollowing
  }

  /** The cells to frame by a dashed line, if any. */
  get outline(): Rect | undefined {
    return this.#outline
  }

  set outline(outline: Rect | undefined) {
    this.#outline = outline
    this.onChange()
  }

  setView(view: Viewport | undefined): void {
    const grid = this.#grid()
    this.#view = view === undefined || grid.width === 0 ? view : bound(view, grid, this.screen)
    this.onChange()
  }

  /** Shows a part of the grid, or all of it, and frames a cell. */
  open(region: Region | undefined, cell: Point | undefined): void {
    this.setView(region && showing(region, this.screen))
    this.mark(cell)
  }

  /** Frames the cell, column and row, if it is on the grid. */
  mark(cell: Point | undefined): void {
    this.#marked = cell !== undefined && this.#isInside(cell) ? cell : undefined
    this.onMark(this.#marked)
    this.onChange()
  }

  /** The cell at a point of the screen, if there is one. */
  cellAt(point: Point): Point | undefined {
    const place = toGrid(this.view, this.screen, point)
    const cell = { x: Math.floor(place.x), y: Math.floor(place.y) }
    return this.#isInside(cell) ? cell : undefined
  }

  /** Keeps the living cells in the middle, from the next picture on, or no more. */
  follow(isFollowing: boolean): void {
    this.#isFollowing = isFollowing
    if (isFollowing) this.#view ??= this.view
    this.onChange()
  }

  /** Moves to the living cells of the frame to be seen, when they are followed. */
  moveTo(frame: Frame): void {
    const centre = this.#isFollowing ? centreOfLife(frame) : undefined
    if (centre !== undefined) this.#view = { scale: this.view.scale, centre }
  }

  /** Something else is looked at. */
  reset(): void {
    this.#view = undefined
    this.#marked = undefined
    this.#isFollowing = false
  }

  /** A grid of another size is looked at. */
  begin(): void {
    this.setView(undefined)
    this.mark(this.#marked)
  }

  #isInside({ x, y }: Point): boolean {
    const { height, width } = this.#grid()
    return x >= 0 && y >= 0 && x < width && y < height
  }
}
