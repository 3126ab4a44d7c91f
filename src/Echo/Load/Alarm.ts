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

type State =
  | { readonly _tag: "Silent" }
  | { readonly _tag: "Set"; readonly at: number; fiber: Fiber.RuntimeFiber<void> | undefined }

const silent: State = { _tag: "Silent" }

class ClockAlarm implements Alarm {
  readonly unsafeNow: () => number
  #state: State = silent
  readonly #clock: Clock.Clock
  readonly #runtime: Runtime.Runtime<never>
  readonly #slack: number
  readonly #rung: Effect.Effect<void>

  constructor(clock: Clock.Clock, runtime: Runtime.Runtime<never>, slack: number, ring: () => void) {
    this.#clock = clock
    this.#runtime = runtime
    this.#slack = slack
    this.unsafeNow = stopwatch(clock)
    this.#rung = Effect.sync(() => {
      this.#state = silent
      ring()
    })
  }

  readonly unsafeSet = (time: number): void => {
    if (time === Infinity || (this.#state._tag === "Set" && time + this.#slack >= this.#state.at)) return
    this.cancel()
    const delay = Math.min(LONGEST, Math.max(0, Math.ceil(time - this.unsafeNow())))
    // A test's clock may ring before `runFork` returns: then this is no longer the state.
    const set: State = { _tag: "Set", at: time, fiber: undefined }
    this.#state = set
    set.fiber = Runtime.runFork(this.#runtime)(Effect.zipRight(this.#clock.sleep(Duration.millis(delay)), this.#rung))
  }

  cancel(): void {
    if (this.#state._tag === "Set") this.#state.fiber?.unsafeInterruptAsFork(FiberId.none)
    this.#state = silent
  }
}

/**
 * An alarm that stops with its scope; its time begins at 0. It rings up to `slack` milliseconds late where that spares
 * setting it anew.
 */
export const make = (slack: number, ring: () => void): Effect.Effect<Alarm, never, Scope.Scope> =>
  Effect.gen(function* () {
    const alarm = new ClockAlarm(yield* Effect.clock, yield* Effect.runtime(), slack, ring)
    yield* Effect.addFinalizer(() => Effect.sync(() => alarm.cancel()))
    return alarm
  })
