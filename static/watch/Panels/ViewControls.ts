/** Updates the buttons of the view: which are pressed, which are enabled, and what the pause button does. */
import { element, setText } from "../../Element.ts"
import { stepRange } from "../Model/Model.ts"
import { generation } from "../Model/Progress.ts"
import type { Display } from "../Stage/Display.ts"
import { enable, press } from "./Actions.ts"
import type { RunControls } from "./RunControls.ts"
import type { Settings } from "./Settings.ts"
import type { Timeline } from "./Timeline.ts"

export interface ViewControlsParts {
  readonly display: Display
  readonly run: RunControls
  readonly settings: Settings
  readonly timeline: Timeline
}

export class ViewControls {
  readonly #parts: ViewControlsParts
  readonly #seen = element("seen", HTMLElement)
  readonly #playLabel = element("play-label", HTMLElement)
  readonly #play = this.#playLabel.closest("button")!

  constructor(parts: ViewControlsParts) {
    this.#parts = parts
  }

  show(): void {
    const { display, run, settings, timeline } = this.#parts
    const { announces, hasLines, isRepeated } = settings.preferences
    const { isFrozen } = display
    press("lines", hasLines)
    press("repeat", isRepeated)
    press("announce", announces)
    press("follow", display.camera.isFollowing)
    press("freeze", isFrozen)
    enable("back", timeline.isPast ? timeline.canMove(-1) : display.kept.before > 0)
    enable("forward", timeline.isPast || (isFrozen && display.kept.after > 0) || run.isPaused)
    this.#showPlay(isFrozen)
    this.#seen.hidden = !display.isPast
    if (display.isPast) setText(this.#seen, `Paused at generation ${generation(stepRange(display.frame))}`)
  }

  #showPlay(isFrozen: boolean): void {
    const { run } = this.#parts
    this.#play.classList.toggle("is-on", isFrozen || run.isPaused)
    setText(this.#playLabel, isFrozen || run.isPaused ? "Resume" : "Pause")
    const title = isFrozen
      ? "Show the newest again"
      : run.canPause
        ? "Pause the run for all viewers"
        : "Pause the view; the run continues"
    // Setting the same title again would make the browser recalculate styles.
    if (this.#play.title !== title) this.#play.title = title
  }
}
