const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Reads a time such as `500ms`, `2s`, `1.5m`, `1h` or a bare number of seconds as milliseconds; `undefined` for any other text. */
export const parseTimeSpan = (text: string): number | undefined => {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|m|h)?\s*$/.exec(text)
  return match === null ? undefined : Number(match[1]) * UNITS[match[2] ?? "s"]!
}
