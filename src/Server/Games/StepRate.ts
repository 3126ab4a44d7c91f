/** How many steps a game makes in a second, from looks at it now and then. */

/** Milliseconds over which the rate is measured, and between two looks. */
const WINDOW = 5000
export const LOOK = 1000

interface Look {
  readonly step: number
  readonly at: number
}

export class StepRate {
  #looks: ReadonlyArray<Look> = []

  /** Records that the game is at `step` (-1 before any) at `now`, in milliseconds of a monotonic clock. */
  look(step: number, now: number): void {
    const last = this.#looks.at(-1)
    // Another game has begun.
    const known = last !== undefined && step < last.step ? [] : this.#looks
    this.#looks = [...known.filter(({ at }) => at >= now - WINDOW), { step, at: now }]
  }

  /** Steps in a second; 0 while the game stands still, or was not measured for long enough. */
  get perSecond(): number {
    const [first] = this.#looks
    const last = this.#looks.at(-1)
    if (first === undefined || last === undefined || first.at === last.at) return 0
    return ((last.step - first.step) / (last.at - first.at)) * 1000
  }
}
