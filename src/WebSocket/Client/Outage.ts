/**
 * How long to wait before the next attempt to connect. The waits are the steps of a `Schedule`, which starts again
 * after each outage.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Schedule from "effect/Schedule"
import * as ScheduleDecision from "effect/ScheduleDecision"
import * as ScheduleIntervals from "effect/ScheduleIntervals"

export class Outage<In, R> {
  readonly #schedule: Schedule.Schedule<unknown, In, R>
  #state: unknown

  constructor(schedule: Schedule.Schedule<unknown, In, R>) {
    this.#schedule = schedule
    this.#state = schedule.initial
  }

  /** Milliseconds until the next attempt, or none if the schedule gives up. */
  next(cause: In, now: number): Effect.Effect<Option.Option<number>, never, R> {
    return Effect.map(this.#schedule.step(now, cause, this.#state), ([state, , decision]) => {
      this.#state = state
      if (ScheduleDecision.isDone(decision)) return Option.none()
      return Option.some(Math.max(0, ScheduleIntervals.start(decision.intervals) - now))
    })
  }

  /** Ends the outage: the next one begins with the first step. */
  end(): void {
    this.#state = this.#schedule.initial
  }
}
