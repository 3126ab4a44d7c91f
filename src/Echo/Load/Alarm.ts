import { performance } from "node:perf_hooks"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"

/** The longest delay of a timer, in milliseconds. Node fires a timer of 2^31 ms or more at once. */
const LONGEST = 86_400_000

/** One timer on the Effect clock that can be set again and again, for code that runs in callbacks. */
export interface Alarm {
  /**
   * Rings once at `time`, in milliseconds of `unsafeNow`. If an earlier time is set already, that one stays. It rings after
   * a day at the latest.
   */
  readonly unsafeSet: (time: number) => void
  readonly unsafeNow: () => number
}

/** Returns a function that gives the milliseconds since now. The clock's nanoseconds have 19 digits; counted from an origin they are exact as a number. */
const stopwatch = (clock: Clock.Clock): (() => number) => {
  // The time is read for every message, and reading the real clock's nanoseconds would take ten times as long. The global
  // `performance` is a getter of Node, so it is imported.
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
    // A test's clock may ring before `runFork` returns. Then `#state` is another one already.
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
 * An alarm that stops when its scope closes. Its time begins at 0. It may ring up to `slack` milliseconds late, which saves
 * setting the timer again.
 */
export const make = (slack: number, ring: () => void): Effect.Effect<Alarm, never, Scope.Scope> =>
  Effect.gen(function* () {
    const alarm = new ClockAlarm(yield* Effect.clock, yield* Effect.runtime(), slack, ring)
    yield* Effect.addFinalizer(() => Effect.sync(() => alarm.cancel()))
    return alarm
  })
