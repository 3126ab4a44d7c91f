/** Reports what a callback throws to the logger of the layer in which it was made. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"

type Fields = Readonly<Record<string, string | number | undefined>>

export interface FaultLog {
  /** Logs an error, with fields that say which connection it belongs to. Never throws. */
  readonly unsafeReport: (message: string, error: unknown, fields?: Fields) => void
  /** The same callback, except that what it throws is logged and the caller continues. */
  readonly guard: <A extends Array<unknown>>(
    message: string,
    callback: ((...args: A) => void) | undefined
  ) => (...args: A) => void
}

export const make: Effect.Effect<FaultLog> = Effect.map(Effect.runtime(), (runtime) => {
  const run = Runtime.runFork(runtime)
  const unsafeReport: FaultLog["unsafeReport"] = (message, error, fields = {}) => {
    try {
      run(Effect.annotateLogs(Effect.logError(message, Cause.die(error)), fields))
    } catch (failure) {
      // The logger itself failed, so Node reports it.
      process.emitWarning(failure instanceof Error ? failure : String(failure))
    }
  }
  const guard =
    <A extends ReadonlyArray<unknown>>(message: string, callback: ((...args: A) => void) | undefined) =>
    (...args: A) => {
      try {
        callback?.(...args)
      } catch (error) {
        unsafeReport(message, error)
      }
    }
  return { unsafeReport, guard }
})
