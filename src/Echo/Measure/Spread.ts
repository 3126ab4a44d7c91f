/** A figure over several runs. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** The spread of one or more values. The median of an even number of values is the mean of the two in the middle. */
export const of = (values: ReadonlyArray<number>): Spread => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN }
}
