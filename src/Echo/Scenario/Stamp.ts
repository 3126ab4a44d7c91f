/**
 * The time of sending that a message carries, in microseconds since 1970. All processes of a machine share one clock. Between
 * machines, the difference of their clocks is part of every measured time.
 */
export const now = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000)

/** Microseconds since 1970 in seconds, milliseconds, microseconds or nanoseconds, which the number of digits tells apart. */
const FACTORS = new Map([
  [10, 1e6],
  [13, 1e3],
  [16, 1],
  [19, 1e-3]
])

const microsecondsOf = (stamp: string): number => {
  const [, digits = "", fraction = ""] = /^(\d+)(\.\d+)?$/.exec(stamp) ?? []
  const factor = FACTORS.get(digits.length)
  if (factor !== undefined) return Number(digits + fraction) * factor
  return /^\d{4}-\d\d-\d\dT/.test(stamp) ? Date.parse(stamp) * 1000 : Number.NaN
}

/**
 * Milliseconds from a stamp to the arrival of its message, which was `age` milliseconds ago: from `{{$stamp}}`, a Unix time in seconds,
 * milliseconds or nanoseconds, or a time of ISO 8601. `NaN` if the text is none of these.
 *
 * The age is read before this clock: if the process loses its processor in between, the time is longer and never too short.
 */
export const delivery = (stamp: string, age: number): number => (now() - microsecondsOf(stamp)) / 1000 - age
