/** Measures how far another machine's clock is ahead of this one, by asking it for its time. */

export interface Sample {
  /** Milliseconds of this clock when it was asked, and when the answer came. */
  readonly asked: number
  readonly answered: number
  /** The time of the other clock. */
  readonly told: number
}

export interface ClockOffset {
  /** Milliseconds that the other clock is ahead. */
  readonly ahead: number
  /** How far that may be wrong, in milliseconds. */
  readonly uncertainty: number
}

/** Clocks tell whole milliseconds. */
const RESOLUTION = 1

/** By the sample with the fastest answer: the other clock was read some time between the question and the answer. */
export const of = (samples: ReadonlyArray<Sample>): ClockOffset =>
  samples
    .map(({ answered, asked, told }) => ({
      ahead: told - (asked + answered) / 2,
      uncertainty: (answered - asked) / 2 + RESOLUTION
    }))
    .reduce((best, one) => (one.uncertainty < best.uncertainty ? one : best))

/** The farthest that two of these clocks, or this machine's, are apart; and how far that may be wrong. */
export const spread = (offsets: ReadonlyArray<ClockOffset>): ClockOffset => {
  const aheads = [0, ...offsets.map(({ ahead }) => ahead)]
  const [first = 0, second = 0] = offsets.map(({ uncertainty }) => uncertainty).toSorted((a, b) => b - a)
  return { ahead: Math.max(...aheads) - Math.min(...aheads), uncertainty: first + second }
}

/** Whether a clock was moved between two measurements, by more than these may be wrong. */
export const moved = (before: ClockOffset, after: ClockOffset): number | undefined => {
  const by = after.ahead - before.ahead
  return Math.abs(by) > before.uncertainty + after.uncertainty ? by : undefined
}
