/** Apart from `VirtualUsers`, as `Arrivals`: one of the two schedules by which clients come during a load. */
import { levelAt, type Stages } from "../Scenario/Stages.ts"
import type { Host } from "./ClientHost.ts"
import type { Appointment } from "./Timers.ts"

/** Milliseconds between two readings of the schedule. */
const INTERVAL = 100

/** Changes the number of clients by a schedule (a closed model). */
export class Levels implements Appointment {
  deadline = Infinity
  heapIndex = -1
  #start = 0
  /** The last number of clients that the schedule gave. */
  #level = 0
  #isOver = false
  readonly #stages: Stages
  readonly #run: Pick<Host, "timers" | "now">
  readonly #change: (clients: number) => void

  /** `change` changes the number of clients of all processes. */
  constructor(stages: Stages, run: Pick<Host, "timers" | "now">, change: (clients: number) => void) {
    this.#stages = stages
    this.#run = run
    this.#change = change
  }

  begin(now: number): void {
    this.#start = now
    this.#follow(now)
  }

  onDeadline(): void {
    if (!this.#isOver) this.#follow(this.#run.now())
  }

  stop(): void {
    this.#isOver = true
  }

  #follow(now: number): void {
    const level = levelAt(this.#stages, now - this.#start)
    if (level !== this.#level) {
      this.#level = level
      this.#change(level)
    }
    this.#run.timers.set(this, now + INTERVAL)
  }
}
