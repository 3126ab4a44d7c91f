/** Shows what is wrong with the connection and when the page tries again. */
import { element } from "../../Element.ts"
import type { LinkState } from "../../Link.ts"
import { passFocus } from "./Actions.ts"
import type { PageStore } from "./PageState.ts"

export class LinkBanner {
  readonly #banner = element("link", HTMLElement)
  readonly #text = element("link-text", HTMLElement)
  readonly #countdown = element("link-countdown", HTMLElement)
  #timer: number | undefined

  constructor(store: PageStore, onRetry: () => void) {
    element("retry", HTMLButtonElement).addEventListener("click", onRetry)
    store.on(["link"], ({ link }) => this.#show(link))
  }

  #show(state: LinkState): void {
    window.clearInterval(this.#timer)
    if (state._tag === "Open") {
      passFocus(this.#banner)
      this.#banner.hidden = true
    }
    if (state._tag === "Connecting") this.#countdown.textContent = "Trying again…"
    if (state._tag !== "Lost") return
    this.#banner.hidden = false
    // A screen reader must read the reason once, not at every attempt.
    if (this.#text.textContent !== state.reason) this.#text.textContent = state.reason
    const tick = () => {
      const seconds = Math.ceil(Math.max(0, state.retryAt - performance.now()) / 1000)
      this.#countdown.textContent = `Trying again in ${seconds} s.`
    }
    tick()
    this.#timer = window.setInterval(tick, 1000)
  }
}
