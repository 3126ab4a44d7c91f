/** How long to wait before connecting again. Pure. */

const first = 500
const longest = 15_000

/**
 * Milliseconds before attempt number `attempt` (from 0): doubling up to 15 seconds, and shortened by chance (`random`
 * from 0 to 1) down to half, so that many pages do not return to a restarted server at once.
 */
export const backoff = (attempt: number, random: number): number =>
  Math.min(first * 2 ** Math.min(attempt, 10), longest) * (1 - random / 2)
