/**
 * Microseconds since 1970: what a message says of when it was sent. One clock for all processes of a machine; between machines
 * their clocks' difference is in every time.
 */
export const now = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000)

/** Milliseconds from a stamp until now; `NaN` where it is none. */
export const since = (stamp: string): number => (/^\d{16}$/.test(stamp) ? (now() - Number(stamp)) / 1000 : Number.NaN)
