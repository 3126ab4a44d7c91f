/**
 * Intervals of the same length share one timer. A process with hundreds of quiet logs would otherwise wake up hundreds of
 * times a second.
 */
interface Shared {
  readonly timer: NodeJS.Timeout
  readonly callbacks: Set<() => void>
}

const intervals = new Map<number, Shared>()

const begin = (milliseconds: number): Shared => {
  const callbacks = new Set<() => void>()
  const timer = setInterval(() => {
    for (const callback of callbacks) callback()
  }, milliseconds).unref()
  const shared = { timer, callbacks }
  intervals.set(milliseconds, shared)
  return shared
}

/** Calls back in every interval, the first time after at most one. Must not throw. Returns a function that ends this. */
export const every = (milliseconds: number, callback: () => void): (() => void) => {
  const { callbacks, timer } = intervals.get(milliseconds) ?? begin(milliseconds)
  // The same function may be given twice.
  const own = () => callback()
  callbacks.add(own)
  return () => {
    if (!callbacks.delete(own) || callbacks.size > 0) return
    clearInterval(timer)
    intervals.delete(milliseconds)
  }
}
