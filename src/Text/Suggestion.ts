/**
 * The name that somebody may have meant: the one with the least edit distance, if that is at most a third of the
 * letters written.
 */
export const nearest = (written: string, names: ReadonlyArray<string>): string | undefined => {
  const limit = Math.max(1, Math.floor(written.length / 3))
  const [best] = names
    .map((name) => ({ name, distance: distance(written.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
  return best?.name
}

/**
 * The number of letters to insert, delete, replace, or exchange with the next one: the optimal string alignment
 * distance, a form of the Damerau-Levenshtein distance.
 */
const distance = (from: string, to: string): number => {
  let before: ReadonlyArray<number> = []
  let row: ReadonlyArray<number> = Array.from({ length: to.length + 1 }, (_, n) => n)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const change = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      const isExchanged = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const exchange = isExchanged ? before[j - 2]! + 1 : Number.POSITIVE_INFINITY
      next.push(Math.min(change, exchange, row[j]! + 1, next[j - 1]! + 1))
    }
    before = row
    row = next
  }
  return row[to.length]!
}
