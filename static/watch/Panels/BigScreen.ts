/** The grid and large figures, on the whole screen: for a wall or a talk. */
import { element } from "../../Element.ts"

export class BigScreen {
  readonly #leave = element("leave", HTMLElement)

  constructor() {
    element("leave-big", HTMLButtonElement).addEventListener("click", () => this.#show(false))
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#isShown) this.#show(false)
    })
    // The browser's own way out of the full screen is one out of this too.
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
    this.#leave.hidden = !isShown
    // Where the browser has no full screen, or does not allow it, the window is filled.
    if (isShown) document.documentElement.requestFullscreen?.().catch(() => {})
    else if (document.fullscreenElement !== null) document.exitFullscreen().catch(() => {})
  }
}
