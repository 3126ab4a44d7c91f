import * as Effect from "effect/Effect"

/** Ends the process with `status` when it has nothing left to do: for a command that did its work and found a fault. */
export const set = (status: number): Effect.Effect<void> =>
  Effect.sync(() => {
    process.exitCode = status
    // After a signal the program ends with the signal's status, which would tell less.
    process.once("exit", () => {
      process.exitCode = status
    })
  })
