/** The timers of code that runs outside of Effect. They never keep the process alive. */
export interface Timer {
  /** Milliseconds since some moment in the past. Never goes back. */
  readonly now: () => number
  /** Calls `tick` every `milliseconds`, until the returned function is called. */
  readonly every: (milliseconds: number, tick: () => void) => () => void
  /** Calls `f` once after `milliseconds`, unless the returned function is called before. */
  readonly after: (milliseconds: number, f: () => void) => () => void
}

/** The real clock. */
export const real: Timer = {
  now: () => performance.now(),
  every: (milliseconds, tick) => {
    const timer = setInterval(tick, milliseconds).unref()
    return () => clearInterval(timer)
  },
  after: (milliseconds, f) => {
    const timer = setTimeout(f, milliseconds).unref()
    return () => clearTimeout(timer)
  }
}

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    real.after(milliseconds, resolve)
  })
