import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import type { Stages } from "../Scenario/Stages.ts"
import { Timetable } from "../Scenario/Stages.ts"
import type { Appointment, DeadlineHeap } from "./Timers.ts"

/** Starts the clients of one process at the times of the schedule (an open model). All arrivals share one deadline. */
export class Arrivals implements Appointment {
  deadline = Infinity
  heapIndex = -1
  #next: number
  #start = 0
  readonly #table: Timetable
  readonly #share: LoadPlan["share"]
  readonly #total: number
  readonly #timers: DeadlineHeap
  readonly #arrive: (number: number) => void
  /** The most clients of this process at the same time; `Infinity` if the plan has no bound. */
  readonly most: number

  /** `arrive` starts a client, or counts it as dropped if there are too many. */
  constructor(
    stages: Stages,
    plan: Pick<LoadPlan, "share" | "clients" | "arrivals">,
    timers: DeadlineHeap,
    arrive: (number: number) => void
  ) {
    this.#table = new Timetable(stages)
    this.#share = plan.share
    this.#total = plan.clients
    this.#next = plan.share.index + 1
    this.#timers = timers
    this.#arrive = arrive
    const { index, of } = plan.share
    this.most = Math.floor(((plan.arrivals?.most ?? Infinity) + of - 1 - index) / of)
  }

  /** The number of clients that have not arrived. */
  get left(): number {
    return this.#next > this.#total ? 0 : Math.floor((this.#total - this.#next) / this.#share.of) + 1
  }

  begin(now: number): void {
    this.#start = now
    this.#wake()
  }

  onDeadline(): void {
    this.comeUntil(this.deadline)
    this.#wake()
  }

  /** Starts all clients that are due by `time`. */
  comeUntil(time: number): void {
    while (this.left > 0 && this.#due <= time) {
      const number = this.#next
      this.#next += this.#share.of
      this.#arrive(number)
    }
  }

  stop(): void {
    this.#next = this.#total + 1
  }

  get #due(): number {
    return this.#start + this.#table.at(this.#next - 1)
  }

  #wake(): void {
    if (this.left > 0) this.#timers.set(this, this.#due)
  }
}
