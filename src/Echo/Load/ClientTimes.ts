import type { NamedRecorder } from "../Measure/Named.ts"
import type { NamedStep, RunnerTimes } from "../Scenario/Op.ts"

/** The clock of a run, in milliseconds, and its named figures. */
interface Measured {
  readonly now: () => number
  readonly recorder: { readonly named: NamedRecorder }
}

/** When the rounds of a client are due, how late its messages are, and when its named steps began. Times are in milliseconds. */
export class Times implements RunnerTimes {
  /** When the next round is due; `NaN` if this is not known. */
  due = Number.NaN
  /** How late the first message of the round was. It is used for all messages of the round. */
  late = 0
  /** The start times of the named steps. Allocated when the first begins, so that clients without any need no array. */
  #began: Float64Array | undefined
  /** The number of named steps. */
  readonly #marks: number
  readonly #run: Measured

  constructor(marks: number, run: Measured) {
    this.#marks = marks
    this.#run = run
  }

  /** A message is sent at `now`. The first message of a round sets how late the round is. */
  note(now: number): void {
    if (Number.isNaN(this.due)) return
    this.late = now - this.due
    this.due = Number.NaN
  }

  /** The rounds are over. Later messages have no planned time. */
  endRounds(): void {
    this.late = 0
    this.due = Number.NaN
  }

  begin({ mark }: NamedStep): void {
    this.#began ??= new Float64Array(this.#marks)
    this.#began[mark] = this.#run.now()
  }

  beganAt({ mark }: NamedStep): number {
    return this.#began?.[mark] ?? this.#run.now()
  }

  /** The time from the beginning of a step until `at`. */
  since({ mark }: NamedStep, at: number): number {
    return Math.max(0, at - (this.#began?.[mark] ?? at))
  }

  finish(named: NamedStep): void {
    this.#run.recorder.named.record(named.figure, this.since(named, this.#run.now()))
  }
}
