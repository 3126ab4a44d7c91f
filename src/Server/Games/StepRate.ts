interface Sample {
  readonly step: number
  readonly at: number
}

/** How many steps a game makes in a second, from samples of its step. */
export class StepRate {
  readonly #window: number
  #samples: ReadonlyArray<Sample> = []

  /** The rate is that of the last `window` milliseconds. */
  constructor(window: number) {
    this.#window = window
  }

  /** Records that the game is at `step` (-1 before any) at `now`, in milliseconds of a monotonic clock. */
  record(step: number, now: number): void {
    // While its clients connect there are no steps, and this time is not part of the rate of the first ones.
    if (step < 0) {
      this.#samples = []
      return
    }
    const last = this.#samples.at(-1)
    // Another game has begun.
    const known = last !== undefined && step < last.step ? [] : this.#samples
    this.#samples = [...known.filter(({ at }) => at >= now - this.#window), { step, at: now }]
  }

  /** Steps in a second; 0 while the game stands still, `undefined` while it was not measured for long enough. */
  get perSecond(): number | undefined {
    const [first] = this.#samples
    const last = this.#samples.at(-1)
    if (first === undefined || last === undefined || first.at === last.at) return undefined
    return ((last.step - first.step) / (last.at - first.at)) * 1000
  }
}
