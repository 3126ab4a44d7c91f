/** Effect's clock, for code that runs outside of Effect. A test may replace the clock. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import * as Schedule from "effect/Schedule"
import { real, type Timer } from "./Timer.ts"

/** The timer of Effect's clock as it is now: the real one, or a test's. */
export const make: Effect.Effect<Timer> = Effect.gen(function* () {
  const clock = yield* Effect.clock
  if (clock === Context.get(DefaultServices.liveServices, Clock.Clock)) return real
  // Where a resource is acquired nothing can be interrupted, and so could nothing that such a runtime forks.
  const fork = Runtime.runFork(yield* Effect.interruptible(Effect.runtime()))
  // The clock's nanoseconds have 19 digits; counted from an origin they are exact as a number.
  const origin = clock.unsafeCurrentTimeNanos()
  const start = (effect: Effect.Effect<unknown>) => {
    const fiber = fork(effect)
    return () => fiber.unsafeInterruptAsFork(FiberId.none)
  }
  return {
    now: () => Number(clock.unsafeCurrentTimeNanos() - origin) / 1e6,
    every: (milliseconds, tick) =>
      start(Effect.delay(Effect.repeat(Effect.sync(tick), Schedule.spaced(milliseconds)), milliseconds)),
    after: (milliseconds, f) => start(Effect.delay(Effect.sync(f), milliseconds))
  }
})
