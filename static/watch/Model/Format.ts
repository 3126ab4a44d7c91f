/** Formats numbers for people. Pure. */

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 })
const fine = new Intl.NumberFormat("en", { maximumFractionDigits: 1, minimumFractionDigits: 1 })
const finest = new Intl.NumberFormat("en", { maximumSignificantDigits: 2 })
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 })

/** Thousands separated: `12,345`. */
export const count = (value: number): string => whole.format(value)

/** One decimal below 100, two digits below 1: `0.25`, `12.5`, `340`. */
export const rate = (value: number): string =>
  value > 0 && value < 0.95 ? finest.format(value) : value < 100 ? fine.format(value) : whole.format(value)

/** An amount of memory: `940 B`, `9.4 kB`, `96 MB`, `1.2 GB`. */
export const bytes = (value: number): string => {
  const power = Math.min(3, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)))
  const amount = value / 1000 ** power
  return `${amount < 10 && power > 0 ? fine.format(amount) : whole.format(amount)} ${["B", "kB", "MB", "GB"][power]}`
}

/** Whole numbers short enough for the axis of a graph: `9,500`, `12K`, `1.2M`. */
export const brief = (value: number): string => (value < 10_000 ? whole.format(value) : compact.format(value))

/** Milliseconds in a suitable unit: `310 µs`, `4.2 ms`, `1.5 s`, `2 min 5 s`, `3 h 12 min`. */
export const duration = (milliseconds: number): string => {
  if (milliseconds < 1) return `${whole.format(milliseconds * 1000)} µs`
  if (milliseconds < 1000) return `${rate(milliseconds)} ms`
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${fine.format(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes} min ${whole.format(Math.floor(seconds % 60))} s`
    : `${whole.format(Math.floor(minutes / 60))} h ${minutes % 60} min`
}
