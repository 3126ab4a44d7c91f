import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

/** Milliseconds from the start of the clock. */
interface Timer {
  readonly at: number
  readonly ring: () => void
}

const turn = Effect.async<void>((resume) => void setImmediate(() => resume(Effect.void)))

/**
 * A clock whose time passes only when nothing else is to do. Each timer rings at exactly its time, so everything that happens in
 * memory takes exactly as long as it says, on any machine.
 */
export class VirtualClock implements Clock.Clock {
  readonly [Clock.ClockTypeId]: typeof Clock.ClockTypeId = Clock.ClockTypeId
  #now = 0
  /** Timers ring at multiples of this many milliseconds only, as on a machine that is stopped in between; 0: at their times. */
  readonly #grain: number
  readonly #timers: Array<Timer> = []

  constructor(grain = 0) {
    this.#grain = grain
  }

  unsafeCurrentTimeMillis(): number {
    return this.#now
  }

  unsafeCurrentTimeNanos(): bigint {
    return BigInt(Math.round(this.#now * 1e6))
  }

  readonly currentTimeMillis = Effect.sync(() => this.unsafeCurrentTimeMillis())
  readonly currentTimeNanos = Effect.sync(() => this.unsafeCurrentTimeNanos())

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    return Effect.async((resume) => {
      const timer = this.#set(Duration.toMillis(duration), () => resume(Effect.void))
      return Effect.sync(() => this.#clear(timer))
    })
  }

  /** Calls `act` after this many milliseconds. */
  after(milliseconds: number, act: () => void): void {
    this.#set(milliseconds, act)
  }

  /** Runs an effect with this clock, and lets the time pass until it ends. */
  readonly run = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.gen(this, function* () {
      const fiber = yield* Effect.fork(Effect.withClock(effect, this))
      const pass = Effect.gen(this, function* () {
        // Messages in memory take a microtask, and what clients do at the end of a read takes one turn of the event loop.
        for (let turns = 0; turns < 3; turns++) yield* turn
        const next = this.#timers.shift()
        if (next === undefined) return
        this.#now = Math.max(this.#now, next.at)
        next.ring()
        while (this.#grain > 0 && (this.#timers[0]?.at ?? Infinity) <= this.#now) this.#timers.shift()?.ring()
      })
      while (fiber.unsafePoll() === null) yield* pass
      return yield* Fiber.join(fiber)
    })

  #set(milliseconds: number, ring: () => void): Timer {
    const time = this.#now + milliseconds
    const timer = { at: this.#grain === 0 ? time : Math.ceil(time / this.#grain) * this.#grain, ring }
    const later = this.#timers.findIndex(({ at }) => at > timer.at)
    this.#timers.splice(later < 0 ? this.#timers.length : later, 0, timer)
    return timer
  }

  #clear(timer: Timer): void {
    const index = this.#timers.indexOf(timer)
    if (index >= 0) this.#timers.splice(index, 1)
  }
}
