/** Shows the result of a game that has ended, and what the viewer can do then. */
import { element, setText } from "../../Element.ts"
import { count, duration, rate } from "../Model/Format.ts"
import type { StepRange } from "../Model/Model.ts"
import type { Situation } from "../Model/Situation.ts"
import { passFocus } from "./Actions.ts"

const endings: ReadonlySet<Situation["name"]> = new Set(["finished", "stopped", "killed"])

export class Ending {
  readonly #card = element("ended", HTMLElement)
  readonly #title = element("ended-title", HTMLElement)
  readonly #text = element("ended-text", HTMLElement)

  readonly #button = element("again", HTMLButtonElement)
  readonly #canRepeat: () => boolean

  /** `onAgain` is called for the button. `canRepeat`: whether it starts the same game; else it offers to choose one. */
  constructor(onAgain: () => void, canRepeat: () => boolean) {
    this.#canRepeat = canRepeat
    this.#button.addEventListener("click", onAgain)
  }

  /** `time` is in milliseconds; `undefined` if the page did not see the whole run. `reason`: why the server's run is over, if it says so. */
  show(situation: Situation, steps: StepRange, time: number | undefined, reason: string): void {
    const hasEnded = endings.has(situation.name)
    if (!hasEnded) passFocus(this.#card)
    if (this.#card.hidden === hasEnded) this.#card.hidden = !hasEnded
    if (!hasEnded) return
    setText(this.#button, this.#canRepeat() ? "Again" : "Start a game")
    setText(this.#title, `${situation.label}.`)
    const speed =
      time === undefined || time === 0 || steps.max < 1
        ? ""
        : ` ${count(steps.min)} steps in ${duration(time)}, ${rate((steps.min * 1000) / time)} per second.`
    setText(this.#text, `${reason === "" ? situation.detail : reason}${speed}`)
  }
}
