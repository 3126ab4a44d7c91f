/**
 * Decides what is drawn and when: at most one picture per frame of the screen, no more often than the viewer has chosen, and only
 * if something changed. A frozen view shows an earlier frame while the model continues.
 */
import { DrawPace } from "../Model/DrawPace.ts"
import type { Frame, Model, StepRange } from "../Model/Model.ts"
import type { ViewLink } from "../Model/Preferences.ts"
import { isHexagonal, isTorus, parseUniverse } from "../Model/Universe.ts"
import type { Size } from "../Model/Viewport.ts"
import type { Backdrop } from "./Backdrop.ts"
import { Camera } from "./Camera.ts"
import type { PictureOptions } from "./PictureOptions.ts"
import type { Painting } from "./Renderer.ts"
import { Shown } from "./Shown.ts"
import type { Stage } from "./Stage.ts"
import type { Scheme, Theme } from "./Themes.ts"

/** Milliseconds in which a frame fades into the next. Frames fade only if the time between them is at least this long. */
const FADE_TIME = 140
const FADES_FROM = 333

/** Grids with more cells do not fade, because each frame would need two large pictures. */
const FADE_LIMIT = 300_000

export interface Options {
  readonly theme: Theme
  readonly scheme: Scheme
  /** Milliseconds between frames. */
  readonly interval: number
  /** Whether to draw less often while large areas flash. */
  readonly isGuarded: boolean
  readonly hasLines: boolean
  readonly isRepeated: boolean
  readonly isStill: boolean
  readonly backdrop: Backdrop
}

export class Display {
  /** Called after a picture was drawn. */
  onDraw: () => void = () => {}
  /** The number of drawn frames, for the instruments. */
  drawn = 0
  readonly camera: Camera
  readonly #stage: Stage
  readonly #model: Model
  readonly #shown: Shown
  readonly #pace: DrawPace
  /** The view that a link asked for, until there is a game. */
  #link: Pick<ViewLink, "view" | "cell"> | undefined
  /** The size of the game's grid, and whether its cells are hexagons. */
  #size: Size = { width: 0, height: 0 }
  #wasHexagonal = false
  #options: Options
  #otherRule: string | undefined
  /** Milliseconds between the last two frames. */
  #pause = 0
  #mustPaint = false
  /** The colours around the cells, which change with those of the cells. */
  #backdrop: Backdrop
  /** Whether a picture waits until earlier ones are drawn. */
  #isWaiting = false
  #timer: number | undefined
  #request: number | undefined

  constructor(stage: Stage, model: Model, options: Options) {
    this.#stage = stage
    this.#model = model
    this.#options = options
    this.#backdrop = options.backdrop
    this.#pace = new DrawPace(options)
    this.#shown = new Shown(model)
    this.camera = new Camera(
      () => this.frame,
      () => this.#isHexagonal,
      () => stage.size
    )
    this.camera.onChange = () => {
      // If the camera follows the live cells, it moves with the next picture.
      if (this.camera.isFollowing) this.#mustPaint = true
      this.#requestDraw()
    }
    stage.onResize = () => this.camera.setView(this.camera.chosenView)
    stage.onReady = (calm) => {
      if (calm !== undefined) this.#pace.calm = calm
      if (this.#isWaiting) this.#requestDraw()
    }
    stage.onBlank = () => this.repaint()
  }

  /** The frame that is seen. */
  get frame(): Frame {
    return this.#shown.frame
  }

  /** The frame of the game that is seen; `undefined` if there is no game, or if something else is seen. */
  get seenGame(): Frame | undefined {
    return this.#model.hasGame && this.#shown.substitute === undefined ? this.frame : undefined
  }

  get grid(): Size {
    return this.frame
  }

  /** The rule of what is seen, in canonical form; `undefined` if it is not known. */
  get rule(): string | undefined {
    return this.#shown.substitute === undefined ? parseUniverse(this.#model.topology).rule : this.#otherRule
  }

  get #isHexagonal(): boolean {
    return isHexagonal(this)
  }

  /** The range of the steps of the game's frame: the newest one, or an earlier one that is seen. */
  get steps(): StepRange {
    return this.#shown.steps
  }

  get isFrozen(): boolean {
    return this.#shown.isFrozen
  }

  /** Without a game that goes on there is nothing to freeze. What is frozen can be left all the same. */
  get canFreeze(): boolean {
    return this.isFrozen || (this.#model.hasGame && this.#model.status?.phase !== "ended")
  }

  /** Whether an earlier frame is seen instead of the newest one. */
  get isPast(): boolean {
    return this.#shown.isPast
  }

  /** Whether a recalled generation is seen. */
  get isRecalled(): boolean {
    return this.#shown.isRecalled
  }

  set options(options: Options) {
    this.#options = options
    this.#pace.choice = options
    this.#mustPaint = true
    this.refresh()
  }

  /** The current time between frames, in milliseconds. */
  get interval(): number {
    return this.#pace.interval(performance.now())
  }

  /** Whether the display draws less often because large areas flash. */
  get isCalmed(): boolean {
    return this.#pace.isCalmed(performance.now())
  }

  /** The model has changed. Shows it as soon as the chosen rate allows. */
  refresh(): void {
    window.clearTimeout(this.#timer)
    this.#follow()
    const now = performance.now()
    const wait = this.#shown.isCurrent ? 0 : this.#pace.dueAt(now) - now
    // A timer may fire a little early, and waiting for another frame of the screen would take sixteen milliseconds.
    if (wait <= 4) this.#requestDraw()
    else this.#timer = window.setTimeout(() => this.#requestDraw(), wait)
  }

  /** Freezes the view, or shows the newest frame again. */
  freeze(isFrozen: boolean): void {
    this.#shown.freeze(isFrozen)
    if (isFrozen) this.#stage.poll()
    this.#mustPaint = true
    this.refresh()
  }

  /**
   * The model has a frame of the newest cells. If it was asked for (`isAsked`), it has those that the viewer saw when the view was frozen.
   * A view that follows the living cells moves to them.
   */
  takeFrame(isAsked: boolean): void {
    if ((isAsked && this.#shown.settle()) || (this.camera.isFollowing && !this.isPast)) this.repaint()
  }

  /**
   * Shows an earlier generation of the game, which has the same size. This freezes the view. Who goes through them quickly sees no
   * more of them than of a game that runs, so they flash no more.
   */
  recall(generation: Frame): void {
    this.#shown.recall(generation)
    this.refresh()
  }

  /** Shows a frame instead of the game, with its rule in canonical form; `undefined`: shows the game again. */
  show(substitute: Frame | undefined, rule?: string): void {
    this.#otherRule = rule
    this.#shown.substitute = substitute
    this.camera.reset()
    this.#openLink()
    this.repaint()
  }

  /** Shows the part of the grid and the cell of a link, now or as soon as there is a game. */
  open(link: Pick<ViewLink, "view" | "cell">): void {
    // What the viewer does before the first picture must not be undone by a link that says nothing.
    const isEmpty = link.view === undefined && link.cell === undefined
    this.#link = isEmpty && !this.#model.hasGame ? undefined : link
    this.#openLink()
  }

  isShowing(substitute: Frame): boolean {
    return this.#shown.substitute === substitute
  }

  /** Paints again after the viewer has changed cells. */
  repaint(): void {
    this.#mustPaint = true
    this.#requestDraw()
  }

  #requestDraw(): void {
    this.#request ??= window.requestAnimationFrame(() => {
      this.#request = undefined
      // On a busy machine the time of the screen's frame is long past, so a picture that is due would not be.
      this.#draw(performance.now())
    })
  }

  #draw(now: number): void {
    this.#isWaiting = this.#stage.isBusy
    if (this.#isWaiting) return
    this.#follow()
    this.#openLink()
    const isGame = this.#shown.substitute === undefined
    const painting = isGame ? this.#next(now) : this.#again()
    const fade = isGame ? this.#fade(now) : 1
    this.#stage.draw({ painting, options: this.#pictureOptions(fade) })
    this.onDraw()
    if (fade < 1) this.#requestDraw()
    else if (isGame && !this.#shown.isCurrent) this.refresh()
  }

  /**
   * Begins with another game as soon as the model has it, and not with its first picture: what a viewer does in between, such as a
   * pause of the view, is meant for the game whose figures are seen.
   */
  #follow(): void {
    if (this.#shown.begin()) this.#begin()
  }

  #begin(): void {
    const before = this.#size
    const { height, width } = this.#model.frame
    this.#size = { width, height }
    this.#pace.begin()
    if (this.#shown.substitute !== undefined) return
    const hasOtherShape = before.width !== width || before.height !== height || this.#isHexagonal !== this.#wasHexagonal
    this.#wasHexagonal = this.#isHexagonal
    if (hasOtherShape) this.camera.begin()
    this.#openLink()
  }

  /** Shows the view of a link once, when there is a game and nothing is shown instead of it. */
  #openLink(): void {
    const link = this.#link
    if (link === undefined || !this.#model.hasGame || this.#shown.substitute !== undefined) return
    this.#link = undefined
    this.camera.open(link.view, link.cell)
  }

  /**
   * What to paint next: the newest frame if it is due, or the current one if it must be painted again. The stage has only the newest
   * cells, so while they are not due nothing is painted, whatever asks for it: it would show them more often than the viewer has chosen,
   * and the guard would not know.
   */
  #next(now: number): Painting | undefined {
    if (this.#shown.isCurrent) return this.#again()
    if (now < this.#pace.dueAt(now) - 4) return undefined
    const frame = this.#shown.see()
    this.#pause = now - this.#pace.drawnAt
    this.#pace.draw(now)
    if (!this.isPast) this.drawn++
    const isGuarded = this.#options.isGuarded && !this.#model.isArriving
    return this.#painting(frame, isGuarded ? { scale: this.camera.view.scale, now } : undefined)
  }

  #again(): Painting | undefined {
    return this.#mustPaint ? this.#painting(this.frame) : undefined
  }

  #painting(frame: Frame, guarded?: Painting["guarded"]): Painting {
    this.#mustPaint = false
    this.camera.moveTo(frame)
    const { backdrop, scheme, theme } = this.#options
    this.#backdrop = backdrop
    const { connected = 0, subscribed = 0 } = this.#model.status ?? {}
    const isNewest = frame === this.#model.frame
    return { frame: isNewest ? undefined : frame, guarded, theme: theme.name, scheme, connected, subscribed }
  }

  #fade(now: number): number {
    const { isStill } = this.#options
    const { height, width } = this.grid
    if (isStill || this.isFrozen || this.#pause < FADES_FROM || width * height > FADE_LIMIT) return 1
    return Math.min(1, Math.max(0, (now - this.#pace.drawnAt) / FADE_TIME))
  }

  #pictureOptions(fade: number): PictureOptions {
    const { hasLines, isRepeated } = this.#options
    const { isArriving, topology } = this.#model
    const { marked, outline, screen, view } = this.camera
    return {
      view,
      grid: { width: this.grid.width, height: this.grid.height },
      isHexagonal: this.#isHexagonal,
      screen,
      ratio: window.devicePixelRatio,
      backdrop: this.#backdrop,
      hasLines,
      isRepeated: isRepeated && !isArriving && isTorus(parseUniverse(topology)),
      marked,
      outline,
      fade
    }
  }
}
