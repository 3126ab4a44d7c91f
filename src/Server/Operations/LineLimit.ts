/** Limits how many lines of a kind are written in a second, so that no flood fills a disk. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** Whether one more line may be written now; one that may not counts as left out. */
export type MayWrite = () => boolean

/** Lets `lines` a second through. `leftOut` hears how many were not, when the second or the scope is over. */
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
  /** Ends the second that the first line began. */
  #second: NodeJS.Timeout | undefined

  constructor(lines: number, leftOut: (count: number) => void) {
    this.#lines = lines
    this.#leftOut = leftOut
  }

  mayWrite(): boolean {
    this.#second ??= setTimeout(() => this.end(), 1000).unref()
    return ++this.#asked <= this.#lines
  }

  end(): void {
    clearTimeout(this.#second)
    this.#second = undefined
    const count = this.#asked - this.#lines
    this.#asked = 0
    if (count > 0) this.#leftOut(count)
  }
}
