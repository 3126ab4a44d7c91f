/** How long to wait before connecting again. Pure. */

const first = 500
const longest = 15_000

/**
 * Milliseconds before attempt number `attempt` (from 0). The time doubles up to 15 seconds. `random` (from 0 to 1) shortens it by
 * up to half, so that many pages do not return to a restarted server at the same time.
 */
export const backoff = (attempt: number, random: number): number =>
  Math.min(first * 2 ** Math.min(attempt, 10), longest) * (1 - random / 2)
