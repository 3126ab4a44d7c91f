/** The camera: which part of the grid is seen, and which cells are framed. */
import * as Hexagons from "../../../src/Protocol/Hexagons.ts"
import { centreOfLife } from "../Model/Centre.ts"
import type { Rect } from "../Model/Clip.ts"
import type { Frame } from "../Model/Model.ts"
import type { Region } from "../Model/Preferences.ts"
import type { Point, Size, Viewport } from "../Model/Viewport.ts"
import { bound, showing, toGrid, wholeGrid } from "../Model/Viewport.ts"

export class Camera {
  /** Called when the view changes. */
  onChange: () => void = () => {}
  /** Called with the marked cell when it may have changed. */
  onMark: (cell: Point | undefined) => void = () => {}
  readonly #grid: () => Size
  readonly #isHexagonal: () => boolean
  readonly #screen: () => Size
  /** `undefined` while the whole grid is shown, for any size of the window. */
  #view: Viewport | undefined
  #marked: Point | undefined
  #outline: Rect | undefined
  #isFollowing = false

  /** `grid` returns the current size in cells, `screen` in CSS pixels. */
  constructor(grid: () => Size, isHexagonal: () => boolean, screen: () => Size) {
    this.#grid = grid
    this.#isHexagonal = isHexagonal
    this.#screen = screen
  }

  /** The extent of the grid, of whose places a view shows a part. */
  get #extent(): Size {
    return this.#isHexagonal() ? Hexagons.extentOf(this.#grid()) : this.#grid()
  }

  get screen(): Size {
    return this.#screen()
  }

  get view(): Viewport {
    return this.#view ?? wholeGrid(this.#extent, this.screen)
  }

  /** The view that the viewer has chosen; `undefined` if the whole grid is shown. */
  get chosenView(): Viewport | undefined {
    return this.#view
  }

  get marked(): Point | undefined {
    return this.#marked
  }

  get isFollowing(): boolean {
    return this.#isFollowing
  }

  /** The cells to frame with a dashed line, if any. */
  get outline(): Rect | undefined {
    return this.#outline
  }

  set outline(outline: Rect | undefined) {
    this.#outline = outline
    this.onChange()
  }

  setView(view: Viewport | undefined): void {
    const isEmpty = this.#grid().width === 0
    this.#view = view === undefined || isEmpty ? view : bound(view, this.#extent, this.screen)
    this.onChange()
  }

  /** Shows a part of the grid, or all of it, and frames a cell. */
  open(region: Region | undefined, cell: Point | undefined): void {
    this.setView(region && showing(region, this.screen))
    this.mark(cell)
  }

  /** Frames a cell (column and row), if it is on the grid. */
  mark(cell: Point | undefined): void {
    this.#marked = cell !== undefined && this.#isInside(cell) ? cell : undefined
    this.onMark(this.#marked)
    this.onChange()
  }

  /** The cell at a point of the screen, if there is one. */
  cellAt(point: Point): Point | undefined {
    const place = toGrid(this.view, this.screen, point)
    const cell = this.#isHexagonal()
      ? Hexagons.cellAt(place, this.#grid().height)
      : { x: Math.floor(place.x), y: Math.floor(place.y) }
    return this.#isInside(cell) ? cell : undefined
  }

  /** Turns on or off that the live cells stay in the centre. It takes effect with the next picture. */
  follow(isFollowing: boolean): void {
    this.#isFollowing = isFollowing
    if (isFollowing) this.#view ??= this.view
    this.onChange()
  }

  /** If the camera follows the live cells, moves to those of the frame. */
  moveTo(frame: Frame): void {
    const centre = this.#isFollowing ? centreOfLife(frame) : undefined
    if (centre === undefined) return
    const isHexagonal = this.#isHexagonal()
    const place = isHexagonal ? Hexagons.centreOf({ x: centre.x - 0.5, y: centre.y - 0.5 }, frame.height) : centre
    this.#view = { scale: this.view.scale, centre: place }
  }

  /** Shows the whole of something else. */
  reset(): void {
    this.#view = undefined
    this.#marked = undefined
    this.#isFollowing = false
  }

  /** Begins with a grid of another size. */
  begin(): void {
    this.setView(undefined)
    this.mark(this.#marked)
  }

  #isInside({ x, y }: Point): boolean {
    const { height, width } = this.#grid()
    return x >= 0 && y >= 0 && x < width && y < height
  }
}
