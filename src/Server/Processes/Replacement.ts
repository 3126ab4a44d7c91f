/**
 * When to replace a process that ended: at once at first, and after longer and longer pauses if its successors end soon
 * too.
 */

/** Milliseconds that a process must have lived for its end to count as the first. */
const SOUND = 10_000
const FIRST = 100
const MOST = 10_000

/** Processes of one place that ended soon after their start, one after the other. */
export interface Replacement {
  readonly soonEnded: number
}

export const initial: Replacement = { soonEnded: 0 }

/** The next state after a process that lived this long (milliseconds), and the wait before its replacement starts (milliseconds). */
export const after = (known: Replacement, lived: number): readonly [next: Replacement, delay: number] => {
  if (lived >= SOUND) return [{ soonEnded: 1 }, 0]
  const delay = known.soonEnded === 0 ? 0 : Math.min(MOST, FIRST * 2 ** (known.soonEnded - 1))
  return [{ soonEnded: known.soonEnded + 1 }, delay]
}
