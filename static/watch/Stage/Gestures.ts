/** Translates mouse, touch and pen events on the grid into gestures. */
import type { Point } from "../Model/Viewport.ts"

export interface GestureHandlers {
  /** Whether a turn of the wheel zooms; else it scrolls. */
  readonly takesWheel: (event: WheelEvent) => boolean
  readonly onPan: (dx: number, dy: number) => void
  readonly onZoom: (at: Point, factor: number) => void
  readonly onTap: (at: Point, isShifted: boolean) => void
  /** The position of the mouse; `undefined` if it has left the grid. */
  readonly onHover: (at: Point | undefined) => void
  /** Whether one finger or the mouse draws instead of moving the grid. */
  readonly isDrawing: () => boolean
  readonly onStroke: (at: Point, isFirst: boolean) => void
  /** The stroke was only the first finger of several. */
  readonly onStrokeUndone: () => void
}

/** A pointer that moves at most this many pixels makes a tap. */
const SLACK = 5

const middle = (points: ReadonlyArray<Point>): Point => ({
  x: points.reduce((sum, point) => sum + point.x, 0) / points.length,
  y: points.reduce((sum, point) => sum + point.y, 0) / points.length
})

const reach = ([first, second]: ReadonlyArray<Point>): number =>
  first === undefined || second === undefined ? 0 : Math.hypot(first.x - second.x, first.y - second.y)

export class Gestures {
  readonly #element: HTMLElement
  readonly #handlers: GestureHandlers
  readonly #pointers = new Map<number, Point>()
  #travel = 0
  #hadMany = false

  constructor(element: HTMLElement, handlers: GestureHandlers) {
    this.#element = element
    this.#handlers = handlers
    element.addEventListener("pointerdown", (event) => this.#down(event))
    element.addEventListener("pointermove", (event) => this.#move(event))
    element.addEventListener("pointerup", (event) => this.#up(event))
    // Without its capture a pointer is let go of elsewhere, such as in a dialog that a key has opened meanwhile.
    for (const end of ["pointercancel", "lostpointercapture"] as const)
      element.addEventListener(end, (event) => this.#release(event))
    element.addEventListener("pointerleave", () => handlers.onHover(undefined))
    element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false })
  }

  #at(event: MouseEvent): Point {
    const box = this.#element.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0) return
    this.#element.setPointerCapture(event.pointerId)
    const point = this.#at(event)
    this.#pointers.set(event.pointerId, point)
    this.#travel = 0
    const hadOne = this.#pointers.size === 2
    if (hadOne && !this.#hadMany && this.#handlers.isDrawing()) this.#handlers.onStrokeUndone()
    this.#hadMany = this.#pointers.size > 1
    if (!this.#hadMany && this.#handlers.isDrawing()) this.#handlers.onStroke(point, true)
  }

  #move(event: PointerEvent): void {
    const point = this.#at(event)
    const before = this.#pointers.get(event.pointerId)
    if (before === undefined) {
      if (event.pointerType === "mouse") this.#handlers.onHover(point)
      return
    }
    const from = [...this.#pointers.values()]
    this.#pointers.set(event.pointerId, point)
    const to = [...this.#pointers.values()]
    if (to.length === 1 && !this.#hadMany && this.#handlers.isDrawing()) {
      this.#handlers.onStroke(point, false)
      return
    }
    this.#travel += Math.hypot(point.x - before.x, point.y - before.y)
    if (this.#travel > SLACK) this.#element.classList.add("is-dragged")
    const was = middle(from)
    const is = middle(to)
    this.#handlers.onPan(is.x - was.x, is.y - was.y)
    if (to.length > 1 && reach(from) > 0) this.#handlers.onZoom(is, reach(to) / reach(from))
  }

  #up(event: PointerEvent): void {
    const isTap = this.#pointers.has(event.pointerId) && this.#travel <= SLACK && !this.#hadMany
    this.#release(event)
    if (isTap && !this.#handlers.isDrawing()) this.#handlers.onTap(this.#at(event), event.shiftKey)
  }

  #release(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId)
    this.#element.classList.remove("is-dragged")
  }

  #wheel(event: WheelEvent): void {
    if (!this.#handlers.takesWheel(event)) return
    event.preventDefault()
    // Some mice report lines or pages. A pinch on a trackpad is reported as a wheel event with Ctrl and small amounts.
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 30
    const speed = event.ctrlKey ? 0.01 : 0.0015
    const amount = Math.max(-0.7, Math.min(0.7, -event.deltaY * unit * speed))
    this.#handlers.onZoom(this.#at(event), Math.exp(amount))
  }
}
