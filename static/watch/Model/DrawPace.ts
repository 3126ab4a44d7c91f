/** Decides when a picture may be drawn: no more often than the viewer has chosen, and less often while large areas would flash. Pure. */
import { FlashGuard } from "./FlashGuard.ts"
import type { Frame } from "./Model.ts"
import { calmInterval } from "./Preferences.ts"

export interface PaceChoice {
  /** Milliseconds between pictures. */
  readonly interval: number
  /** Whether to draw less often while large areas flash. */
  readonly isGuarded: boolean
}

export class DrawPace {
  choice: PaceChoice
  readonly #guard = new FlashGuard()
  #drawnAt = Number.NEGATIVE_INFINITY

  constructor(choice: PaceChoice) {
    this.choice = choice
  }

  /** When the newest picture was drawn, in milliseconds. */
  get drawnAt(): number {
    return this.#drawnAt
  }

  /** Whether large areas flash, so that fewer pictures are drawn. */
  isCalmed(now: number): boolean {
    return this.choice.isGuarded && this.#guard.isUp(now)
  }

  /** The time between pictures at `now`, in milliseconds. */
  interval(now: number): number {
    const { interval } = this.choice
    return this.isCalmed(now) ? Math.max(calmInterval, interval) : interval
  }

  /** When the next picture may be drawn. */
  dueAt(now: number): number {
    const due = this.#drawnAt + this.interval(now)
    return this.choice.isGuarded ? Math.max(due, this.#guard.nextAt) : due
  }

  /** A picture of a frame is drawn at `now`. Its cells are `scale` pixels wide; `undefined`: it shows no game. */
  draw(frame: Frame, scale: number | undefined, now: number): void {
    this.#drawnAt = now
    if (this.choice.isGuarded && scale !== undefined) this.#guard.note(frame, scale, now)
  }

  /** Forgets all pictures, for another game. */
  clear(): void {
    this.#guard.clear()
    this.#drawnAt = Number.NEGATIVE_INFINITY
  }
}
