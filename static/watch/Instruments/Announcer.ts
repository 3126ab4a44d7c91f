/** Tells screen readers what changed, no more often than a listener can bear. */

/** Milliseconds between sentences. */
const pause = 8_000

export class Announcer {
  readonly #element: HTMLElement
  #saidAt = Number.NEGATIVE_INFINITY
  #topic = ""
  #isOn = true

  constructor(element: HTMLElement) {
    this.#element = element
  }

  /** Whether anything is said at all. */
  set isOn(isOn: boolean) {
    if (this.#isOn && !isOn) this.#element.textContent = ""
    if (!this.#isOn && isOn) this.#topic = ""
    this.#isOn = isOn
  }

  /** Says `text` if it is time, or at once when `topic` (the phase, say) is another than before. */
  say(topic: string, text: string): void {
    if (!this.#isOn) return
    const now = performance.now()
    if (topic === this.#topic && now - this.#saidAt < pause) return
    if (this.#element.textContent === text) return
    this.#topic = topic
    this.#saidAt = now
    this.#element.textContent = text
  }
}
