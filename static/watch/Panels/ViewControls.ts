/** Updates the buttons of the view: which are pressed, which are enabled, and what the pause button does. */
import { element, setText } from "../../Element.ts"
import { generation } from "../Model/Progress.ts"
import type { Display } from "../Stage/Display.ts"
import { enable, press } from "./Actions.ts"
import type { PageStore, Run } from "./PageState.ts"
import type { Timeline } from "./Timeline.ts"

export interface ViewControlsParts {
  readonly display: Display
  readonly store: PageStore
  readonly timeline: Timeline
}

export class ViewControls {
  readonly #parts: ViewControlsParts
  readonly #seen = element("seen", HTMLElement)
  readonly #playLabel = element("play-label", HTMLElement)
  readonly #play = this.#playLabel.closest("button")!

  constructor(parts: ViewControlsParts) {
    this.#parts = parts
    parts.store.on(["preferences"], ({ preferences: { announces, hasLines, isRepeated } }) => {
      press("lines", hasLines)
      press("repeat", isRepeated)
      press("announce", announces)
    })
    parts.store.on(["pictures", "run"], ({ run }) => this.#show(run))
    // The game may have come or ended.
    parts.store.on(["readAt"], ({ run }) => this.#enablePause(run))
    // The cells that are seen must be looked at for this, which is dear for each picture of a large grid.
    parts.store.on(["readAt"], () => enable("back", parts.timeline.canGoBack))
  }

  #show(run: Run): void {
    const { display } = this.#parts
    press("follow", display.camera.isFollowing)
    press("freeze", display.isFrozen)
    enable("forward", display.isPast || run.isPaused)
    this.#showPlay(run)
    this.#seen.hidden = !display.isPast
    if (display.isPast) setText(this.#seen, `Paused at generation ${generation(display.steps)}`)
  }

  #enablePause(run: Run): void {
    const { canFreeze } = this.#parts.display
    enable("play", run.canPause || canFreeze)
    enable("freeze", canFreeze)
  }

  #showPlay(run: Run): void {
    this.#enablePause(run)
    const { isFrozen } = this.#parts.display
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
