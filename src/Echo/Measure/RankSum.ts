/** The rank sum test of Wilcoxon, Mann and Whitney, exact and with ties: whether two samples differ by more than chance. */

/** Twice the rank of each value. Ties get the mean of their ranks, and twice this mean is a whole number. */
const doubledRanks = (values: ReadonlyArray<number>): ReadonlyArray<number> => {
  const sorted = values.toSorted((a, b) => a - b)
  return values.map((value) => sorted.indexOf(value) + sorted.lastIndexOf(value) + 2)
}

/** For each sum, the number of ways to choose `size` of the ranks with this sum. */
const waysBySum = (ranks: ReadonlyArray<number>, size: number): ReadonlyMap<number, number> => {
  const ways = Array.from({ length: size + 1 }, () => new Map<number, number>())
  ways[0]!.set(0, 1)
  for (const rank of ranks) {
    for (let taken = size; taken > 0; taken--) {
      for (const [sum, count] of ways[taken - 1]!) {
        ways[taken]!.set(sum + rank, (ways[taken]!.get(sum + rank) ?? 0) + count)
      }
    }
  }
  return ways[size]!
}

const total = (numbers: Iterable<number>): number => [...numbers].reduce((sum, n) => sum + n, 0)

/**
 * The probability that two samples of the same distribution differ at least as much as these, in either direction. The test
 * assumes nothing about the distribution, since that of latencies is unknown.
 */
export const probability = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => {
  const ranks = doubledRanks([...a, ...b])
  const ways = waysBySum(ranks, a.length)
  const expected = (a.length * total(ranks)) / ranks.length
  const apart = Math.abs(total(ranks.slice(0, a.length)) - expected)
  const asFar = [...ways].filter(([sum]) => Math.abs(sum - expected) >= apart - 1e-9)
  return total(asFar.map(([, count]) => count)) / total(ways.values())
}

/** The lowest probability that samples of these sizes can give: when all values of one are above all values of the other. */
export const least = (a: number, b: number): number =>
  probability(
    Array.from({ length: a }, (_, i) => i),
    Array.from({ length: b }, (_, i) => a + i)
  )
