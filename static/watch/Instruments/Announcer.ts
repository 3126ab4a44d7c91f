/** Tells screen readers what changed, but not too often for a listener. */

/** Milliseconds between sentences. */
export const PAUSE = 8_000

/** The part of the page that screen readers read when it changes. */
type LiveRegion = Pick<HTMLElement, "textContent">

export class Announcer {
  readonly #element: LiveRegion
  #saidAt = Number.NEGATIVE_INFINITY
  #topic = ""
  #isOn = true

  constructor(element: LiveRegion) {
    this.#element = element
  }

  /** Whether screen readers are told anything. */
  set isOn(isOn: boolean) {
    if (this.#isOn && !isOn) this.#element.textContent = ""
    if (!this.#isOn && isOn) this.#topic = ""
    this.#isOn = isOn
  }

  /** Says at once what the viewer has asked for. Returns whether screen readers are told anything. */
  answer(text: string): boolean {
    if (!this.#isOn) return false
    this.#saidAt = performance.now()
    this.#element.textContent = text
    return true
  }

  /** Says `text` if enough time has passed, or at once if `topic` (such as the phase) has changed. */
  say(topic: string, text: string): void {
    if (!this.#isOn) return
    const now = performance.now()
    if (topic === this.#topic && now - this.#saidAt < PAUSE) return
    if (this.#element.textContent === text) return
    this.#topic = topic
    this.#saidAt = now
    this.#element.textContent = text
  }
}
