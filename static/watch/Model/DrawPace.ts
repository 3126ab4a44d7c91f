/** Decides when a picture may be drawn: no more often than the viewer has chosen, and less often while large areas would flash. Pure. */
import { CALM_INTERVAL } from "./Preferences.ts"

export interface PaceChoice {
  /** Milliseconds between pictures. */
  readonly interval: number
  /** Whether to draw less often while large areas flash. */
  readonly isGuarded: boolean
}

/** What the guard against flashes asks for, in milliseconds. */
export interface Calm {
  /** Until then, pictures come calmly. */
  readonly until: number
  /** The earliest time of another picture. */
  readonly nextAt: number
}

const none: Calm = { until: Number.NEGATIVE_INFINITY, nextAt: Number.NEGATIVE_INFINITY }

export class DrawPace {
  choice: PaceChoice
  /** What the guard has said last. */
  calm = none
  #drawnAt = Number.NEGATIVE_INFINITY
  /** Whether no picture of this game was drawn yet. */
  #isFirst = true

  constructor(choice: PaceChoice) {
    this.choice = choice
  }

  /** When the newest picture was drawn, in milliseconds. */
  get drawnAt(): number {
    return this.#drawnAt
  }

  /** Whether large areas flash, so that fewer pictures are drawn. */
  isCalmed(now: number): boolean {
    return this.choice.isGuarded && now < this.calm.until
  }

  /** The time between pictures at `now`, in milliseconds. */
  interval(now: number): number {
    const { interval } = this.choice
    return this.isCalmed(now) ? Math.max(CALM_INTERVAL, interval) : interval
  }

  /** When the next picture may be drawn. */
  dueAt(now: number): number {
    const due = this.#isFirst ? Number.NEGATIVE_INFINITY : this.#drawnAt + this.interval(now)
    return this.choice.isGuarded ? Math.max(due, this.calm.nextAt) : due
  }

  /** A picture is drawn at `now`. */
  draw(now: number): void {
    this.#drawnAt = now
    this.#isFirst = false
  }

  /** Another game has begun. Its first picture waits for nothing but the guard: who seeks in a replay begins many games. */
  begin(): void {
    this.#isFirst = true
  }
}
