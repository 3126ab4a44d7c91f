/** Measures how far the clock of another machine is ahead of this one's, by asking the machine for its time. */

export interface ClockSample {
  /** This clock's time, in milliseconds, when the question was sent and when the answer came. */
  readonly asked: number
  readonly answered: number
  /** The time of the other clock, in milliseconds. */
  readonly reported: number
}

export interface ClockOffset {
  /** How far the other clock is ahead, in milliseconds. Negative if it is behind. */
  readonly ahead: number
  /** The largest possible error of `ahead`, in milliseconds. */
  readonly uncertainty: number
}

/** Both clocks are read in whole milliseconds. */
const RESOLUTION = 1

/** The offset by the sample with the fastest answer. The other clock was read at an unknown time between question and answer, so this sample has the smallest error. */
export const of = (samples: ReadonlyArray<ClockSample>): ClockOffset =>
  samples
    .map(({ answered, asked, reported }) => ({
      ahead: reported - (asked + answered) / 2,
      uncertainty: (answered - asked) / 2 + RESOLUTION
    }))
    .reduce((best, one) => (one.uncertainty < best.uncertainty ? one : best))

/** The largest difference between any two of these clocks and this machine's, and its possible error. */
export const spread = (offsets: ReadonlyArray<ClockOffset>): ClockOffset => {
  const aheads = [0, ...offsets.map(({ ahead }) => ahead)]
  const [first = 0, second = 0] = offsets.map(({ uncertainty }) => uncertainty).toSorted((a, b) => b - a)
  return { ahead: Math.max(...aheads) - Math.min(...aheads), uncertainty: first + second }
}

/** By how many milliseconds a clock was adjusted between two measurements; `undefined` if the difference is within their errors. */
export const moved = (before: ClockOffset, after: ClockOffset): number | undefined => {
  const by = after.ahead - before.ahead
  return Math.abs(by) > before.uncertainty + after.uncertainty ? by : undefined
}
