/** A short message about the last action. */
import { element } from "../../Element.ts"

/** Milliseconds for which a message stays: at least these, and for a long one as long as it takes to read. */
const stay = 5_000
const perLetter = 70

export class Toast {
  readonly #element = element("toast", HTMLElement)
  #timer: number | undefined

  constructor() {
    // The event does not bubble. It comes after the dialog was closed, and another dialog may be open then.
    document.addEventListener("close", () => this.#place(), { capture: true })
  }

  show(text: string): void {
    window.clearTimeout(this.#timer)
    this.#place()
    this.#element.hidden = false
    this.#element.textContent = text
    this.#timer = window.setTimeout(
      () => {
        this.#element.hidden = true
      },
      Math.max(stay, perLetter * text.length)
    )
  }

  /** Moves the message into an open dialog, because a dialog covers the page and screen readers can't reach the rest. */
  #place(): void {
    const home = document.querySelector("dialog:modal") ?? document.body
    if (this.#element.parentElement !== home) home.append(this.#element)
  }
}
