import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as EffectTimer from "../../WebSocket/Connection/EffectTimer.ts"
import { type Appointment, DeadlineHeap } from "./DeadlineHeap.ts"

/** The longest delay of a timer, in milliseconds. Node fires a timer of 2^31 ms or more at once. */
const LONGEST = 86_400_000

/** The deadlines of a run and the one timer for them. Times are in milliseconds of the run's clock, which begins at 0. */
export class Timers {
  readonly deadlines = new DeadlineHeap<Appointment>((deadline) => this.#set(deadline))
  /** When the timer rings; `Infinity` if it is not set, `-Infinity` while it rings. Deadlines that are set meanwhile set it once, afterwards. */
  #at = Infinity
  #stop: () => void = () => {}
  readonly #origin: number
  readonly #timer: EffectTimer.Timer
  readonly #resolution: number

  constructor(timer: EffectTimer.Timer, resolution: number) {
    this.#timer = timer
    this.#origin = timer.now()
    this.#resolution = resolution
  }

  readonly now = (): number => this.#timer.now() - this.#origin

  stop(): void {
    this.#stop()
    this.#at = Infinity
  }

  /** Sets the timer, unless it rings before `time` or so soon after that setting it again is not worth it. */
  #set(time: number): void {
    if (time === Infinity || time + this.#resolution >= this.#at) return
    this.stop()
    this.#at = time
    const delay = Math.min(LONGEST, Math.max(0, Math.ceil(time - this.now())))
    const stop = this.#timer.after(delay, this.#ring)
    // A test's clock may ring before `after` returns. Then the timer is set to another time already.
    if (this.#at === time) this.#stop = stop
  }

  readonly #ring = (): void => {
    this.#at = -Infinity
    const now = this.now()
    for (let due = this.deadlines.take(now); due !== undefined; due = this.deadlines.take(now)) due.onDeadline()
    this.#at = Infinity
    this.#set(Math.max(this.deadlines.next, this.now() + this.#resolution))
  }
}

/** Makes timers that stop when their scope closes. They ring at most once in `resolution` milliseconds, so that one ring serves many deadlines. */
export const make = (resolution: number): Effect.Effect<Timers, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.map(EffectTimer.make, (timer) => new Timers(timer, resolution)),
    (timers) => Effect.sync(() => timers.stop())
  )
