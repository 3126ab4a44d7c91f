/**
 * Deadlines of one common length for many things, on one timer: what is added first ends first, so a clock that ticks
 * now and then looks at the oldest only. Its tick rounds a deadline up, which is fine for what it is for: giving up.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

export class Deadlines<A> {
  /** With a timer that ends with the scope: nothing expires after it. */
  static readonly make = <A>(
    milliseconds: number,
    onExpired: (item: A) => void
  ): Effect.Effect<Deadlines<A>, never, Scope.Scope> =>
    Effect.acquireRelease(
      Effect.sync(() => new Deadlines(milliseconds, onExpired)),
      (deadlines) => Effect.sync(() => deadlines.clear())
    )

  readonly #milliseconds: number
  readonly #onExpired: (item: A) => void
  readonly #ends = new Map<A, number>()
  #timer: NodeJS.Timeout | undefined = undefined

  constructor(milliseconds: number, onExpired: (item: A) => void) {
    this.#milliseconds = milliseconds
    this.#onExpired = onExpired
  }

  get size(): number {
    return this.#ends.size
  }

  /** What is there already keeps its deadline. */
  add(item: A): void {
    if (this.#ends.has(item)) return
    this.#ends.set(item, performance.now() + this.#milliseconds)
    this.#timer ??= setInterval(this.#tick, Math.max(10, this.#milliseconds / 10)).unref()
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
    const now = performance.now()
    for (const [item, end] of this.#ends) {
      if (end > now) return
      this.#ends.delete(item)
      this.#onExpired(item)
    }
    this.#stop()
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
