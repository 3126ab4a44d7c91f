/** Shows the grid and large figures on the whole screen, for a wall display or a talk. */
import { element } from "../../Element.ts"
import { passFocus } from "./Actions.ts"

export class BigScreen {
  readonly #leave = element("leave", HTMLElement)
  /** Whether the screen has been full since this view is shown. */
  #wasFull = false
  /** Ends when the browser has left the full screen of the last time. */
  #left: Promise<void> = Promise.resolve()

  constructor() {
    element("leave-big", HTMLButtonElement).addEventListener("click", () => this.#show(false))
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#isShown) this.#show(false)
    })
    // Leaving the full screen with the browser's own key also ends this view. The event of the last time may come when it is shown again.
    document.addEventListener("fullscreenchange", () => {
      if (document.fullscreenElement !== null) this.#wasFull = true
      else if (this.#wasFull) this.#show(false)
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
    this.#wasFull = false
    // If the browser has no full screen or does not allow it, this view fills the window.
    if (isShown)
      void this.#left
        .then(() => (this.#isShown ? document.documentElement.requestFullscreen?.() : undefined))
        .catch(() => {})
    else if (document.fullscreenElement !== null) this.#left = document.exitFullscreen().catch(() => {})
  }
}
