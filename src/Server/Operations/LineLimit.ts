/** Limits how many lines of a kind are written in a second, so that a flood does not fill a disk. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { real } from "../../Time/Timer.ts"

/** Whether one more line may be written now. If not, the line is counted as left out. */
export type MayWrite = () => boolean

/** Allows `lines` lines in a second. `leftOut` gets how many more there were, when the second or the scope ends. */
export const make = (lines: number, leftOut: (count: number) => void): Effect.Effect<MayWrite, never, Scope.Scope> =>
  Effect.gen(function* () {
    let asked = 0
    /** Stops the timer of the second that began with the first line. */
    let stopSecond: (() => void) | undefined
    const end = (): void => {
      stopSecond?.()
      stopSecond = undefined
      const count = asked - lines
      asked = 0
      if (count > 0) leftOut(count)
    }
    yield* Effect.addFinalizer(() => Effect.sync(end))
    return () => {
      stopSecond ??= real.after(1000, end)
      return ++asked <= lines
    }
  })
