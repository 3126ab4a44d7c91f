/** A short message about the last action. */
import { element } from "../../Element.ts"

/** Milliseconds for which a message stays: at least these, and for a long one as long as it takes to read. */
const STAY = 5_000
const PER_LETTER = 70
/** Pixels between a message and the edges of the grid, and the height that a message may need. */
const GAP = 12
const ROOM = 120

export class Toast {
  readonly #element = element("toast", HTMLElement)
  readonly #grid = element("grid", HTMLElement)
  #timer: number | undefined

  constructor() {
    // The event does not bubble. It comes after the dialog was closed, and another dialog may be open then.
    document.addEventListener("close", () => this.#place(), { capture: true })
    // A phone may be turned, and the controls may become more.
    new ResizeObserver(() => this.#place()).observe(this.#grid)
  }

  show(text: string): void {
    window.clearTimeout(this.#timer)
    this.#place()
    this.#element.hidden = false
    this.#element.textContent = text
    this.#timer = window.setTimeout(() => this.hide(), Math.max(STAY, PER_LETTER * text.length))
  }

  hide(): void {
    this.#element.hidden = true
  }

  /**
   * Moves the message into an open dialog, because a dialog covers the page and screen readers can't reach the rest. Without one it is
   * at the lower edge of the grid, where it covers neither notes nor controls, unless that edge is scrolled out of the window.
   */
  #place(): void {
    const dialog = document.querySelector("dialog:modal")
    const home = dialog ?? document.body
    if (this.#element.parentElement !== home) home.append(this.#element)
    const { bottom, left, right } = this.#grid.getBoundingClientRect()
    const isOverGrid = dialog === null && bottom > ROOM
    const { style } = this.#element
    style.left = isOverGrid ? `${left + GAP}px` : ""
    style.right = isOverGrid ? `${window.innerWidth - right + GAP}px` : ""
    style.top = isOverGrid ? `${Math.min(bottom, window.innerHeight) - GAP}px` : ""
    style.bottom = isOverGrid ? "auto" : ""
    style.translate = isOverGrid ? "0 -100%" : ""
  }
}
