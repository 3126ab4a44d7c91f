/** Keeps cells that are ahead of the pace, and publishes them when their step is due. All cells share one timer. */
import { real } from "../../Time/Timer.ts"
import type { CellLink } from "./CellLink.ts"
import type { Pace } from "./Pace.ts"

/** What can be done with the pace of every game. */
export interface GamePace {
  /** Stops the game, whether or not its user has paused it: somebody can't keep up with it. */
  readonly block: () => void
  readonly unblock: () => void
}

export class PacedCells implements GamePace {
  readonly #pace: Pace
  readonly #publish: (link: CellLink) => void
  /** Cells that have reached a step that they may not publish yet. */
  #early: Array<CellLink> = []
  #stopTimer: (() => void) | undefined = undefined
  /** Called when the pace pauses by itself. */
  #onPaused: () => void = () => {}

  constructor(pace: Pace, publish: (link: CellLink) => void) {
    this.#pace = pace
    this.#publish = publish
  }

  get speed(): number {
    return this.#pace.speed
  }

  get isPaused(): boolean {
    return this.#pace.isPaused
  }

  start(step: number): void {
    this.#pace.start(step, performance.now())
  }

  reached(link: CellLink): void {
    const { step } = link.cell
    if (step <= this.#pace.allowed) return this.#publish(link)
    this.#early.push(link)
    if (this.#stopTimer === undefined) this.#request()
  }

  setSpeed(speed: number): void {
    this.#pace.setSpeed(speed)
    this.#request()
  }

  pause(): void {
    this.#pace.pause()
    this.stop()
  }

  /** Goes on. If there is a step `until`, the game is paused after it: no cell publishes a later one. `onPaused` is called then. */
  resume(until?: number, onPaused: () => void = () => {}): void {
    this.#onPaused = onPaused
    this.#pace.resume(performance.now(), until)
    this.#request()
  }

  block(): void {
    this.#pace.block()
    this.stop()
  }

  unblock(): void {
    this.#pace.unblock(performance.now())
    this.#request()
  }

  /** Lets all cells make one step. */
  step(): void {
    this.#pace.permit(performance.now())
    this.#release()
  }

  stop(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
  }

  readonly #request = (): void => {
    this.stop()
    if (this.#early.length === 0) return
    const { isPaused } = this
    const wait = this.#pace.request(performance.now())
    if (this.isPaused && !isPaused) this.#onPaused()
    if (wait === 0) this.#release()
    else if (wait !== Number.POSITIVE_INFINITY) this.#stopTimer = real.after(wait, this.#request)
  }

  #release(): void {
    const early = this.#early
    this.#early = []
    const { allowed } = this.#pace
    for (const link of early) {
      if (link.cell.step <= allowed) this.#publish(link)
      else this.#early.push(link)
    }
    if (this.#early.length > 0) this.#request()
  }
}
