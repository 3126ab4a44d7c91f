/** Deadlines for many items, on one timer. They are rounded up to its next tick. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as EffectTimer from "../../Time/EffectTimer.ts"
import { real, type Timer } from "../../Time/Timer.ts"

export class Deadlines<A> {
  /** Uses Effect's clock as it is now. Nothing expires after the scope has ended. */
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

  constructor(milliseconds: number, onExpired: (item: A) => void, timer: Timer = real) {
    this.#milliseconds = milliseconds
    this.#onExpired = onExpired
    this.#timer = timer
  }

  get size(): number {
    return this.#ends.size
  }

  /** Starts an item's deadline, unless it has one. `milliseconds`: what `stop` returned, to continue it. */
  add(item: A, milliseconds: number = this.#milliseconds): void {
    if (this.#ends.has(item)) return
    this.#ends.set(item, this.#timer.now() + milliseconds)
    this.#stopTimer ??= this.#timer.every(Math.max(10, this.#milliseconds / 10), this.#tick)
  }

  delete(item: A): void {
    // The timer is stopped by a tick that finds nothing left, so an item that is often added and deleted does not start
    // it each time.
    this.#ends.delete(item)
  }

  /** Stops the deadline of an item. Returns the milliseconds that are left; `undefined` if it has none. */
  stop(item: A): number | undefined {
    const end = this.#ends.get(item)
    this.#ends.delete(item)
    return end === undefined ? undefined : Math.max(0, end - this.#timer.now())
  }

  clear(): void {
    this.#ends.clear()
    this.#stop()
  }

  readonly #tick = (): void => {
    const now = this.#timer.now()
    for (const [item, end] of this.#ends) {
      if (end > now) continue
      this.#ends.delete(item)
      this.#onExpired(item)
    }
    if (this.#ends.size === 0) this.#stop()
  }

  #stop(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
  }
}
