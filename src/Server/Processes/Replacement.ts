/**
 * When to replace a process that ended: at once the first time, and after longer and longer pauses if its successors
 * end soon too.
 */

/**
 * A process that lived at least this number of milliseconds starts the count anew. Then the first pause, and the
 * longest one, in milliseconds.
 */
const SOUND = 10_000
const FIRST = 100
const MOST = 10_000

/** The number of processes of one place, one after the other, that ended soon after their start. */
export interface Replacement {
  readonly soonEnded: number
}

export const initial: Replacement = { soonEnded: 0 }

/**
 * The next state after a process that lived `lived` milliseconds, and the milliseconds until its replacement starts.
 */
export const after = (known: Replacement, lived: number): readonly [next: Replacement, delay: number] => {
  if (lived >= SOUND) return [{ soonEnded: 1 }, 0]
  const delay = known.soonEnded === 0 ? 0 : Math.min(MOST, FIRST * 2 ** (known.soonEnded - 1))
  return [{ soonEnded: known.soonEnded + 1 }, delay]
}
