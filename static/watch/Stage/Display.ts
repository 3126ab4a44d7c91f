/**
 * What is seen of the model, and when: at most one picture a frame of the screen, no more often than was chosen, and only
 * when something changed. A view that is frozen shows a frame that was kept, while the model goes on.
 */
import { centreOfLife } from "../Model/Centre.ts"
import type { Rect } from "../Model/Clip.ts"
import { Film } from "../Model/Film.ts"
import { FlashGuard } from "../Model/FlashGuard.ts"
import type { Frame, Model } from "../Model/Model.ts"
import type { Region } from "../Model/Preferences.ts"
import { calmInterval } from "../Model/Preferences.ts"
import { isTorus, parseUniverse } from "../Model/Universe.ts"
import type { Point, Size, Viewport } from "../Model/Viewport.ts"
import { bound, showing, toGrid, wholeGrid } from "../Model/Viewport.ts"
import type { Backdrop } from "./Backdrop.ts"
import type { Painting } from "./Painter.ts"
import type { Look } from "./Picture.ts"
import type { Stage } from "./Stage.ts"
import type { Scheme, Theme } from "./Themes.ts"

/** Milliseconds in which a frame fades into the next, where motion is welcome, and the time between frames from which it does. */
const fadeTime = 140
const fadesFrom = 333

/** Grids with more cells do not fade: two large pictures would be drawn for each frame. */
const fadeLimit = 300_000

export interface Options {
  readonly theme: Theme
  readonly scheme: Scheme
  /** Milliseconds between frames. */
  readonly interval: number
  /** Whether it is drawn less often while large areas flash. */
  readonly isGuarded: boolean
  readonly hasLines: boolean
  readonly isRepeated: boolean
  readonly isStill: boolean
  readonly backdrop: Backdrop
}

export class Display {
  /** Called when another cell is marked, or none. */
  onMark: (cell: Point | undefined) => void = () => {}
  /** Called after a picture was drawn. */
  onDraw: () => void = () => {}
  /** How many frames were drawn, for instruments. */
  drawn = 0
  readonly #stage: Stage
  readonly #model: Model
  readonly #film = new Film()
  readonly #guard = new FlashGuard()
  /** Shown in place of the game. */
  #substitute: Frame | undefined
  /** A generation from before, which is not of the film. */
  #recalled: Frame | undefined
  #options: Options
  /** Undefined while the whole grid is to be seen, whatever the size of the window. */
  #view: Viewport | undefined
  #marked: Point | undefined
  #outline: Rect | undefined
  #isFrozen = false
  #isFollowing = false
  #epoch = -1
  #shownVersion = -1
  /** The version of the newest frame that was kept. */
  #keptVersion = -1
  #shownAt = Number.NEGATIVE_INFINITY
  /** Milliseconds between the newest frame and the one before. */
  #pause = 0
  #mustPaint = false
  /** Whether a picture waits until those before it are drawn. */
  #isWaiting = false
  #timer: number | undefined
  #request: number | undefined

  constructor(stage: Stage, model: Model, options: Options) {
    this.#stage = stage
    this.#model = model
    this.#options = options
    stage.onReady = () => {
      if (this.#isWaiting) this.#requestDraw()
    }
    stage.onBlank = () => this.repaint()
  }

  /** The frame that is seen. */
  get frame(): Frame {
    const kept = this.#isFrozen || this.#keptVersion === this.#shownVersion ? this.#film.shown : undefined
    return this.#substitute ?? this.#recalled ?? kept ?? this.#model.frame
  }

  get grid(): Size {
    return this.frame
  }

  get screen(): Size {
    return this.#stage.size
  }

  get view(): Viewport {
    return this.#view ?? wholeGrid(this.grid, this.screen)
  }

  /** Undefined when the whole grid is seen. */
  get chosenView(): Viewport | undefined {
    return this.#view
  }

  get marked(): Point | undefined {
    return this.#marked
  }

  get isFrozen(): boolean {
    return this.#isFrozen
  }

  /** Whether what is seen is kept from before, in place of the newest. */
  get isPast(): boolean {
    return this.#isFrozen && this.#substitute === undefined && (this.#recalled ?? this.#film.shown) !== undefined
  }

  /** Whether a generation was recalled, and is held. */
  get isRecalled(): boolean {
    return this.#recalled !== undefined
  }

  get isFollowing(): boolean {
    return this.#isFollowing
  }

  /** Frames kept before and after the one that is seen. */
  get kept(): { readonly before: number; readonly after: number } {
    return { before: this.#film.before, after: this.#film.after }
  }

  set options(options: Options) {
    this.#options = options
    this.#mustPaint = true
    this.refresh()
  }

  /** Milliseconds between frames, at present. */
  get interval(): number {
    const { interval, isGuarded } = this.#options
    return isGuarded && this.isCalmed ? Math.max(calmInterval, interval) : interval
  }

  /** Whether it is drawn less often because large areas flash. */
  get isCalmed(): boolean {
    return this.#options.isGuarded && this.#guard.isUp(performance.now())
  }

  /** The model changed: show it as soon as the chosen rate allows. */
  refresh(): void {
    window.clearTimeout(this.#timer)
    const wait = this.#isCurrent ? 0 : this.#shownAt + this.interval - performance.now()
    // A timer may be early by a fraction, and a frame of the screen takes sixteen milliseconds.
    if (wait <= 4) this.#requestDraw()
    else this.#timer = window.setTimeout(() => this.#requestDraw(), wait)
  }

  setView(view: Viewport | undefined): void {
    this.#view = view === undefined || this.grid.width === 0 ? view : bound(view, this.grid, this.screen)
    this.#requestDraw()
  }

  /** Shows a part of the grid and a cell, now or as soon as there is a game. */
  open(region: Region | undefined, cell: Point | undefined): void {
    this.#view = region && showing(region, this.screen)
    this.setView(this.#view)
    this.#marked = cell
    this.#requestDraw()
  }

  /** Frames the cell, column and row, if it is on the grid. */
  mark(cell: Point | undefined): void {
    const { height, width } = this.grid
    const isInside = cell !== undefined && cell.x >= 0 && cell.y >= 0 && cell.x < width && cell.y < height
    this.#marked = isInside ? cell : undefined
    this.onMark(this.#marked)
    this.#requestDraw()
  }

  /** The cells to frame by a dashed line, if any. */
  set outline(outline: Rect | undefined) {
    this.#outline = outline
    this.#requestDraw()
  }

  /** The cell at a point of the screen, if there is one. */
  cellAt(point: Point): Point | undefined {
    const place = toGrid(this.view, this.screen, point)
    const cell = { x: Math.floor(place.x), y: Math.floor(place.y) }
    const { height, width } = this.grid
    return cell.x >= 0 && cell.y >= 0 && cell.x < width && cell.y < height ? cell : undefined
  }

  freeze(isFrozen: boolean): void {
    if (isFrozen) this.#keep()
    this.#isFrozen = isFrozen
    this.#recalled = undefined
    if (!isFrozen) {
      this.#film.move(this.#film.after)
      this.#shownVersion = -1
    }
    this.#mustPaint = true
    this.refresh()
  }

  /** Shows a generation of the game from before, of the same size; this freezes the view. */
  recall(generation: Frame): void {
    this.#keep()
    this.#isFrozen = true
    this.#recalled = generation
    this.repaint()
  }

  /** Shows an earlier or later one of the frames kept; this freezes the view. */
  step(frames: number): void {
    this.#keep()
    this.#isFrozen = true
    this.#recalled = undefined
    this.#film.move(frames)
    this.#mustPaint = true
    this.#requestDraw()
  }

  /** Shows a frame in place of the game, or the game again. */
  show(substitute: Frame | undefined): void {
    this.#substitute = substitute
    this.#view = undefined
    this.#marked = undefined
    this.#isFollowing = false
    this.repaint()
  }

  isShowing(substitute: Frame): boolean {
    return this.#substitute === substitute
  }

  /** What is shown was changed by hand. */
  repaint(): void {
    this.#mustPaint = true
    this.#requestDraw()
  }

  follow(isFollowing: boolean): void {
    this.#isFollowing = isFollowing
    if (isFollowing) this.#view ??= this.view
    this.#mustPaint = true
    this.#requestDraw()
  }

  get #isCurrent(): boolean {
    return (this.#isFrozen && this.#epoch === this.#model.epoch) || this.#shownVersion === this.#model.version
  }

  /** Before cells tell their states, the picture is of workers arriving. */
  get #isVacant(): boolean {
    const phase = this.#model.status?.phase
    return phase === "connecting" || phase === "subscribing"
  }

  get #isTorus(): boolean {
    return isTorus(parseUniverse(this.#model.topology))
  }

  #requestDraw(): void {
    this.#request ??= window.requestAnimationFrame((now) => {
      this.#request = undefined
      this.#draw(now)
    })
  }

  #draw(now: number): void {
    this.#isWaiting = this.#stage.isBusy
    if (this.#isWaiting) return
    if (this.#epoch !== this.#model.epoch) this.#begin()
    if (this.#substitute !== undefined) {
      this.#stage.draw({
        painting: this.#mustPaint ? this.#painting(this.#substitute) : undefined,
        look: this.#look(1)
      })
      return this.onDraw()
    }
    const painting = this.#next(now)
    const fade = this.#fade(now)
    this.#stage.draw({ painting, look: this.#look(fade) })
    this.onDraw()
    if (fade < 1) this.#requestDraw()
    else if (!this.#isCurrent) this.refresh()
  }

  /** The newest frame if it is time for it, or what must be painted again. */
  #next(now: number): Painting | undefined {
    const isDue = now - this.#shownAt >= this.interval - 4
    if (this.#isCurrent || !isDue) return this.#mustPaint ? this.#painting(this.frame) : undefined
    const { frame, version } = this.#model
    this.#shownVersion = version
    this.#pause = now - this.#shownAt
    this.#shownAt = now
    this.drawn++
    if (!this.#isVacant) {
      if (this.#options.isGuarded) this.#guard.note(frame, this.view.scale, now)
      if (this.#film.isDue(frame, now)) this.#keep()
    }
    return this.#painting(frame)
  }

  /** Keeps what is seen, unless that was done. */
  #keep(): void {
    if (this.#isFrozen || this.#isVacant || this.#keptVersion === this.#shownVersion) return
    this.#keptVersion = this.#shownVersion
    this.#film.push(this.#model.frame, performance.now())
  }

  #begin(): void {
    const before = this.grid
    this.#epoch = this.#model.epoch
    this.#film.clear()
    this.#keptVersion = -1
    this.#guard.clear()
    this.#isFrozen = false
    this.#recalled = undefined
    this.#shownAt = Number.NEGATIVE_INFINITY
    const { height, width } = this.grid
    if (before.width !== width || before.height !== height) {
      if (before.width > 0) this.#view = undefined
      // What a link asked for, before there was a grid.
      else this.setView(this.#view)
      if (width > 0) this.mark(this.#marked)
    }
  }

  #painting(frame: Frame): Painting {
    this.#mustPaint = false
    if (this.#isFollowing) {
      const centre = centreOfLife(frame)
      if (centre !== undefined) this.#view = { scale: this.view.scale, centre }
    }
    const { scheme, theme } = this.#options
    const { connected = 0, subscribed = 0 } = this.#model.status ?? {}
    return { frame: frame === this.#model.frame ? undefined : frame, theme: theme.name, scheme, connected, subscribed }
  }

  #fade(now: number): number {
    const { isStill } = this.#options
    const { height, width } = this.grid
    if (isStill || this.#isFrozen || this.#pause < fadesFrom || width * height > fadeLimit) return 1
    return Math.min(1, Math.max(0, (now - this.#shownAt) / fadeTime))
  }

  #look(fade: number): Look {
    const { backdrop, hasLines, isRepeated } = this.#options
    return {
      view: this.view,
      grid: { width: this.grid.width, height: this.grid.height },
      screen: this.screen,
      ratio: window.devicePixelRatio,
      backdrop,
      hasLines,
      isRepeated: isRepeated && !this.#isVacant && this.#isTorus,
      marked: this.#marked,
      outline: this.#outline,
      fade
    }
  }
}
