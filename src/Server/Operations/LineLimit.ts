/** Limits how many lines of a kind are written in a second, so that a flood does not fill a disk. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { real } from "../../Time/Timer.ts"

/** Whether one more line may be written now. If not, the line is counted as left out. */
export type MayWrite = () => boolean

/**
 * Allows `lines` lines in a second. `leftOut` is called with how many more there were, when the second or the scope
 * ends.
 */
export const make = (lines: number, leftOut: (count: number) => void): Effect.Effect<MayWrite, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new LineLimit(lines, leftOut)),
      (limit) => Effect.sync(() => limit.end())
    ),
    (limit) => () => limit.mayWrite()
  )

class LineLimit {
  readonly #lines: number
  readonly #leftOut: (count: number) => void
  #asked = 0
  /** Stops the timer of the second that began with the first line. */
  #stopSecond: (() => void) | undefined

  constructor(lines: number, leftOut: (count: number) => void) {
    this.#lines = lines
    this.#leftOut = leftOut
  }

  mayWrite(): boolean {
    this.#stopSecond ??= real.after(1000, () => this.end())
    return ++this.#asked <= this.#lines
  }

  end(): void {
    this.#stopSecond?.()
    this.#stopSecond = undefined
    const count = this.#asked - this.#lines
    this.#asked = 0
    if (count > 0) this.#leftOut(count)
  }
}
