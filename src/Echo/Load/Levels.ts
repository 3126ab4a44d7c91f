/** Apart from `VirtualUsers`, as `Arrivals`: one of the two schedules by which clients come during a load. */
import { levelAt, type Stages } from "../Scenario/Stages.ts"
import type { Appointment } from "./Timers.ts"

/** Milliseconds between two readings of the schedule. */
const INTERVAL = 100

/** The part of a run that uses the schedule. */
interface LevelsHost {
  /** Changes the number of clients of all processes. */
  readonly change: (clients: number) => void
  readonly now: () => number
  /** Wakes `levels` at a time of the run's clock, in milliseconds. */
  readonly wakeAt: (levels: Levels, time: number) => void
}

/** Changes the number of clients by a schedule (a closed model). */
export class Levels implements Appointment {
  deadline = Infinity
  heapIndex = -1
  #start = 0
  /** The last number of clients that the schedule gave. */
  #level = 0
  #isOver = false
  readonly #stages: Stages
  readonly #host: LevelsHost

  constructor(stages: Stages, host: LevelsHost) {
    this.#stages = stages
    this.#host = host
  }

  /** The schedule begins at `now`. */
  begin(now: number): void {
    this.#start = now
    this.#follow(now)
  }

  onDeadline(): void {
    if (!this.#isOver) this.#follow(this.#host.now())
  }

  stop(): void {
    this.#isOver = true
  }

  #follow(now: number): void {
    const level = levelAt(this.#stages, now - this.#start)
    if (level !== this.#level) {
      this.#level = level
      this.#host.change(level)
    }
    this.#host.wakeAt(this, now + INTERVAL)
  }
}
