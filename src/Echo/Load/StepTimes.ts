import type { NamedRecorder } from "../Measure/Named.ts"
import type { NamedStep } from "../Scenario/Op.ts"

/** The start times of a client's named steps, in milliseconds of the run's clock. */
export class StepTimes {
  /** The number of named steps of the program. */
  readonly #marks: number
  /** Allocated when the first named step begins, so that clients without any need no array. */
  #began: Float64Array | undefined

  constructor(marks: number) {
    this.#marks = marks
  }

  begin({ mark }: NamedStep, now: number): void {
    this.#began ??= new Float64Array(this.#marks)
    this.#began[mark] = now
  }

  /** A step is over. Records `time` or, if it is `NaN`, the time since the step began. */
  end({ figure, mark }: NamedStep, at: number, named: NamedRecorder, time = Number.NaN): void {
    const began = this.#began?.[mark] ?? at
    named.record(figure, Number.isNaN(time) ? Math.max(0, at - began) : time)
  }
}
