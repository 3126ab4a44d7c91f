/** A duration in milliseconds for people, with three significant digits: `0.42 ms`, `12.3 ms`, `1.20 s`. */
export const format = (ms: number): string => {
  if (!Number.isFinite(ms)) return "-"
  if (ms >= 999.5) return `${toThree(ms / 1000)} s`
  return `${toThree(ms)} ms`
}

const toThree = (n: number): string => (n >= 99.95 ? n.toFixed(0) : n >= 9.995 ? n.toFixed(1) : n.toFixed(2))
