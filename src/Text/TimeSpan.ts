const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

const PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g

/** Reads a time such as `500ms`, `2s`, `1.5m`, `1m30s`, `1h` or a bare number of seconds as milliseconds; `undefined` for any other text. */
export const parseTimeSpan = (text: string): number | undefined => {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|m|h)?\s*$/.exec(text)
  if (match !== null) return Number(match[1]) * UNITS[match[2] ?? "s"]!
  const parts = [...text.trim().matchAll(PART)]
  return parts.length === 0 || parts.map(([part]) => part).join("") !== text.trim()
    ? undefined
    : parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0)
}

/** A planned time for people: `12 s`, `1 h 50 min`. */
export const describeTimeSpan = (milliseconds: number): string => {
  const whole = Math.floor(milliseconds / 60_000)
  const seconds = Number(((milliseconds - whole * 60_000) / 1000).toFixed(3))
  const parts: ReadonlyArray<readonly [number, string]> = [
    [Math.floor(whole / 60), "h"],
    [whole % 60, "min"],
    [seconds, "s"]
  ]
  const parted = parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count} ${unit}`]))
  return parted.length === 0 ? "0 s" : parted.join(" ")
}
