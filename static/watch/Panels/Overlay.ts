/** The notice over the grid before the run: waiting, connecting, subscribing. */
import { element } from "../../Element.ts"
import type { Notice } from "../Model/Progress.ts"

export class Overlay {
  readonly #overlay = element("overlay", HTMLElement)
  readonly #title = element("overlay-title", HTMLElement)
  readonly #text = element("overlay-text", HTMLElement)
  readonly #progress = element("overlay-progress", HTMLProgressElement)

  show(notice: Notice | undefined): void {
    this.#overlay.hidden = notice === undefined
    if (notice === undefined) return
    this.#title.textContent = notice.title
    this.#text.textContent = notice.text
    this.#progress.hidden = notice.share === undefined
    this.#progress.value = notice.share ?? 0
  }
}
