/** The state that the parts of the page share: each value once. A part subscribes to the values that it shows. Pure. */

export class Store<S extends object> {
  #state: S
  readonly #parts: Array<{ readonly keys: ReadonlyArray<keyof S>; readonly run: (state: S) => void }> = []

  constructor(state: S) {
    this.#state = state
  }

  get state(): S {
    return this.#state
  }

  /**
   * Changes values, and then tells the parts that subscribe to one of them, in the order of their subscriptions. Equal values are no change.
   * What a part throws is reported, and keeps the change from nobody else.
   */
  set(change: Partial<S>): void {
    const before = this.#state
    this.#state = { ...before, ...change }
    const changed = Object.keys(change).filter((key) => this.#state[key as keyof S] !== before[key as keyof S])
    for (const { keys, run } of this.#parts) {
      if (!changed.some((key) => keys.includes(key as keyof S))) continue
      try {
        run(this.#state)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  /** Calls `run` with the state now, and after each change of one of these values. */
  on(keys: ReadonlyArray<keyof S>, run: (state: S) => void): void {
    this.#parts.push({ keys, run })
    run(this.#state)
  }
}
