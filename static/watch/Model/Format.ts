/** Numbers as people read them. Pure. */

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 })
const fine = new Intl.NumberFormat("en", { maximumFractionDigits: 1, minimumFractionDigits: 1 })

/** Thousands separated: `12,345`. */
export const count = (value: number): string => whole.format(value)

/** One decimal while it tells something: `0.8`, `12.5`, `340`. */
export const rate = (value: number): string => (value < 100 ? fine.format(value) : whole.format(value))

/** Milliseconds, in the unit that suits: `310 µs`, `4.2 ms`, `1.5 s`. */
export const duration = (milliseconds: number): string => {
  if (milliseconds < 1) return `${whole.format(milliseconds * 1000)} µs`
  return milliseconds < 1000 ? `${rate(milliseconds)} ms` : `${fine.format(milliseconds / 1000)} s`
}
