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
