/** Shows the grid and large figures on the whole screen, for a wall display or a talk. */
import { element } from "../../Element.ts"
import { passFocus } from "./Actions.ts"

export class BigScreen {
  readonly #leave = element("leave", HTMLElement)
  /** How often this view was shown or ended. */
  #changes = 0
  /** Whether the screen is full because of this view. */
  #isFull = false
  /** Ends when the browser has left the full screen of the last time. */
  #left: Promise<void> = Promise.resolve()

  constructor() {
    element("leave-big", HTMLButtonElement).addEventListener("click", () => this.#show(false))
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#isShown) this.#show(false)
    })
    // Leaving the full screen with the browser's own key also ends this view.
    document.addEventListener("fullscreenchange", () => {
      if (document.fullscreenElement === null && this.#isFull) this.#show(false)
    })
  }

  toggle(): void {
    this.#show(!this.#isShown)
  }

  get #isShown(): boolean {
    return document.body.classList.contains("is-big")
  }

  #show(isShown: boolean): void {
    document.body.classList.toggle("is-big", isShown)
    if (!isShown) passFocus(this.#leave)
    this.#leave.hidden = !isShown
    this.#isFull = false
    this.#changes++
    // If the browser has no full screen or does not allow it, this view fills the window.
    if (isShown) this.#fill(this.#changes).catch(() => {})
    else this.#leaveFull()
  }

  /** The events of the last time may come when this view is shown again, so the screen is full only when this time's request is answered. */
  async #fill(change: number): Promise<void> {
    await this.#left
    if (change !== this.#changes) return
    await document.documentElement.requestFullscreen?.()
    if (change === this.#changes) this.#isFull = document.fullscreenElement !== null
    else if (!this.#isShown) this.#leaveFull()
  }

  #leaveFull(): void {
    if (document.fullscreenElement !== null) this.#left = document.exitFullscreen().catch(() => {})
  }
}
