/**
 * The time of sending that a message carries, in microseconds since 1970. All processes of a machine share one clock. Between
 * machines, the difference of their clocks is part of every measured time.
 */
export const now = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000)

/** Milliseconds from a stamp to now; `NaN` if the text is not a stamp. */
export const since = (stamp: string): number => (/^\d{16}$/.test(stamp) ? (now() - Number(stamp)) / 1000 : Number.NaN)
