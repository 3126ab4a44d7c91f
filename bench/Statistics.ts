/** The summary of the samples of one figure over several runs. */
export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly samples: ReadonlyArray<number>
}

/** The middle sample, or the mean of the two middle samples. */
export const median = (samples: ReadonlyArray<number>): number => {
  const sorted = [...samples].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export const summarize = (samples: ReadonlyArray<number>): Summary => ({
  median: median(samples),
  min: Math.min(...samples),
  max: Math.max(...samples),
  samples
})

/**
 * The order of `items` in a run. Each run starts with another item, so that none is always the first after a pause or the last on
 * a warm machine.
 */
export const rotate = <A>(items: ReadonlyArray<A>, run: number): ReadonlyArray<A> => {
  const start = items.length === 0 ? 0 : run % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}
