const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  kB: 1000,
  KB: 1000,
  MB: 1e6,
  KiB: 1024,
  GB: 1e9,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3
}

/** Reads a size such as `100`, `64KiB`, `1MB` or `2GiB` as a number of bytes; `undefined` for any other text. */
export const parseSize = (text: string): number | undefined => {
  const [, number, unit = ""] = /^\s*(\d+)\s*(B|[kK]B|MB|GB|KiB|MiB|GiB)?\s*$/.exec(text) ?? []
  return number === undefined ? undefined : Number(number) * UNITS[unit]!
}
