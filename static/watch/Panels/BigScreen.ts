/** Shows the grid and large figures on the whole screen, for a wall display or a talk. */
import { element } from "../../Element.ts"
import { passFocus } from "./Actions.ts"

export class BigScreen {
  readonly #leave = element("leave", HTMLElement)

  constructor() {
    element("leave-big", HTMLButtonElement).addEventListener("click", () => this.#show(false))
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#isShown) this.#show(false)
    })
    // Leaving the full screen with the browser's own key also ends this view.
    document.addEventListener("fullscreenchange", () => {
      if (document.fullscreenElement === null) this.#show(false)
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
    // If the browser has no full screen or does not allow it, this view fills the window.
    if (isShown) document.documentElement.requestFullscreen?.().catch(() => {})
    else if (document.fullscreenElement !== null) document.exitFullscreen().catch(() => {})
  }
}
