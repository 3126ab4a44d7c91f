/** The timers of code that runs outside of Effect. They never keep the process alive. */
export interface Timer {
  /** Milliseconds since some moment in the past. Never goes back. */
  readonly now: () => number
  /** Calls `tick` every `milliseconds`, until the returned function is called. */
  readonly every: (milliseconds: number, tick: () => void) => () => void
  /** Calls `f` once after `milliseconds`, unless the returned function is called before. */
  readonly after: (milliseconds: number, f: () => void) => () => void
}

/** The longest time of Node's timers, 24 days. They take a longer one for a millisecond. */
const MAX = 2 ** 31 - 1

const never = (): void => {}

/** The real clock. What is further away than its timers reach never comes, as with Effect's clock. */
export const real: Timer = {
  now: () => performance.now(),
  every: (milliseconds, tick) => {
    if (milliseconds > MAX) return never
    const timer = setInterval(tick, milliseconds).unref()
    return () => clearInterval(timer)
  },
  after: (milliseconds, f) => {
    if (milliseconds > MAX) return never
    const timer = setTimeout(f, milliseconds).unref()
    return () => clearTimeout(timer)
  }
}

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    real.after(milliseconds, resolve)
  })
