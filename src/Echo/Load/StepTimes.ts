import type { NamedRecorder } from "../Measure/Named.ts"
import type { NamedStep } from "../Scenario/Op.ts"

/** When the steps of a client that have figures of their own began. Times in milliseconds of the run's clock. */
export class StepTimes {
  /** How many such steps the program has. */
  readonly #marks: number
  /** Absent until the first begins: clients without any have no array. */
  #began: Float64Array | undefined

  constructor(marks: number) {
    this.#marks = marks
  }

  begin({ mark }: NamedStep, now: number): void {
    this.#began ??= new Float64Array(this.#marks)
    this.#began[mark] = now
  }

  /** A step is over: it took `time`, or since its beginning where that is `NaN`. */
  end({ figure, mark }: NamedStep, at: number, named: NamedRecorder, time = Number.NaN): void {
    const began = this.#began?.[mark] ?? at
    named.record(figure, Number.isNaN(time) ? Math.max(0, at - began) : time)
  }
}
