/**
 * Deadlines of one common length for many things, on one timer: what is added first ends first, so a clock that ticks
 * now and then looks at the oldest only. Its tick rounds a deadline up, which is fine for what it is for: giving up.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Timer } from "./EffectTimer.ts"
import * as EffectTimer from "./EffectTimer.ts"

export class Deadlines<A> {
  /** By Effect's clock, as of now, and until the scope ends: nothing expires after it. */
  static readonly make = <A>(
    milliseconds: number,
    onExpired: (item: A) => void
  ): Effect.Effect<Deadlines<A>, never, Scope.Scope> =>
    Effect.acquireRelease(
      Effect.map(EffectTimer.make, (timer) => new Deadlines(milliseconds, onExpired, timer)),
      (deadlines) => Effect.sync(() => deadlines.clear())
    )

  readonly #milliseconds: number
  readonly #onExpired: (item: A) => void
  readonly #ends = new Map<A, number>()
  readonly #timer: Timer
  #stopTimer: (() => void) | undefined = undefined

  constructor(milliseconds: number, onExpired: (item: A) => void, timer: Timer = EffectTimer.real) {
    this.#milliseconds = milliseconds
    this.#onExpired = onExpired
    this.#timer = timer
  }

  get size(): number {
    return this.#ends.size
  }

  /** An entry that is there already keeps its deadline. */
  add(item: A): void {
    if (this.#ends.has(item)) return
    this.#ends.set(item, this.#timer.now() + this.#milliseconds)
    this.#stopTimer ??= this.#timer.every(Math.max(10, this.#milliseconds / 10), this.#tick)
  }

  delete(item: A): void {
    // The clock stops when it finds nothing left: what is added and deleted often does not start it each time.
    this.#ends.delete(item)
  }

  /** Forgets all. */
  clear(): void {
    this.#ends.clear()
    this.#stop()
  }

  readonly #tick = (): void => {
    const now = this.#timer.now()
    for (const [item, end] of this.#ends) {
      if (end > now) return
      this.#ends.delete(item)
      this.#onExpired(item)
    }
    this.#stop()
  }

  #stop(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
  }
}
