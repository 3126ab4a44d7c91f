import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Alarm from "./Alarm.ts"
import { type Appointment, DeadlineHeap } from "./DeadlineHeap.ts"

/** The deadlines of a run and the alarm that rings for them. Times are in milliseconds of the run's clock. */
export interface Timers {
  readonly deadlines: DeadlineHeap<Appointment>
  readonly now: () => number
}

class AlarmedDeadlines implements Timers {
  readonly deadlines = new DeadlineHeap<Appointment>((deadline) => this.#onFirst(deadline))
  /** While the alarm rings, many deadlines may be set. The alarm is then set once, after all of them. */
  #state: "set" | "ringing" = "set"
  #alarm: Alarm.Alarm | undefined
  readonly #resolution: number

  constructor(resolution: number) {
    this.#resolution = resolution
  }

  readonly now = (): number => this.#alarm?.unsafeNow() ?? 0

  use(alarm: Alarm.Alarm): Timers {
    this.#alarm = alarm
    return { deadlines: this.deadlines, now: alarm.unsafeNow }
  }

  readonly ring = (): void => {
    this.#state = "ringing"
    const now = this.now()
    for (let due = this.deadlines.take(now); due !== undefined; due = this.deadlines.take(now)) due.onDeadline()
    this.#state = "set"
    this.#alarm?.unsafeSet(Math.max(this.deadlines.next, this.now() + this.#resolution))
  }

  #onFirst(deadline: number): void {
    if (this.#state === "set") this.#alarm?.unsafeSet(deadline)
  }
}

/** Makes timers that stop when their scope closes. The alarm rings at most once in `resolution` milliseconds, so that one ring serves many deadlines. */
export const make = (resolution: number): Effect.Effect<Timers, never, Scope.Scope> =>
  Effect.suspend(() => {
    const timers = new AlarmedDeadlines(resolution)
    return Effect.map(Alarm.make(resolution, timers.ring), (alarm) => timers.use(alarm))
  })
