import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"

/** Milliseconds that a timer can be set to; Node rings at once where they are over 2^31. */
const LONGEST = 86_400_000

/** One timer that can be set again and again, on the Effect clock, for code that runs in callbacks. */
export interface Alarm {
  /**
   * Rings once at `time` (milliseconds of `unsafeNow`), in place of the time set before where that is later; after a day at
   * the latest.
   */
  readonly unsafeSet: (time: number) => void
  readonly unsafeNow: () => number
}

/** Nanoseconds of the clock are 19 digits long: counting from an origin keeps a number exact. */
const stopwatch = (clock: Clock.Clock): (() => number) => {
  // The time is asked for with every message: the real clock's own nanoseconds take ten times as long.
  if (clock === Context.get(DefaultServices.liveServices, Clock.Clock)) {
    const origin = performance.now()
    return () => performance.now() - origin
  }
  const origin = clock.unsafeCurrentTimeNanos()
  return () => Number(clock.unsafeCurrentTimeNanos() - origin) / 1e6
}

/**
 * An alarm that stops with its scope; its time begins at 0. It rings up to `slack` milliseconds late where that spares
 * setting it anew.
 */
export const make = (slack: number, ring: () => void): Effect.Effect<Alarm, never, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    const runtime = yield* Effect.runtime()
    const now = stopwatch(clock)
    let at = Infinity
    let fiber: Fiber.RuntimeFiber<void> | undefined
    const cancel = () => {
      at = Infinity
      fiber?.unsafeInterruptAsFork(FiberId.none)
      fiber = undefined
    }
    const rung = Effect.sync(() => {
      fiber = undefined
      at = Infinity
      ring()
    })
    yield* Effect.addFinalizer(() => Effect.sync(cancel))
    return {
      unsafeNow: now,
      unsafeSet: (time) => {
        if (time === Infinity || time + slack >= at) return
        cancel()
        at = time
        fiber = Runtime.runFork(runtime)(
          Effect.zipRight(clock.sleep(Duration.millis(Math.min(LONGEST, Math.max(0, Math.ceil(time - now()))))), rung)
        )
      }
    }
  })
