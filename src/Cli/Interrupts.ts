import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"

const signals = ["SIGINT", "SIGTERM"] as const

/** Milliseconds in which a second signal is the first one again: npm and tsx pass on what the terminal sends to all. */
const ECHO = 250

/** Counts Ctrl-C (and SIGTERM) while its scope lasts: `onSignal` hears the number of each, from 1. */
export const listen = (
  onSignal: (count: number, signal: NodeJS.Signals) => Effect.Effect<void>
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      let count = 0
      let last = -Infinity
      const listener = (signal: NodeJS.Signals) => {
        const now = performance.now()
        if (now - last > ECHO) Effect.runFork(onSignal(++count, signal))
        last = now
      }
      for (const signal of signals) process.on(signal, listener)
      return listener
    }),
    (listener) =>
      Effect.sync(() => {
        for (const signal of signals) process.off(signal, listener)
      })
  )

/**
 * Runs `effect` to its end although the program's own handler of Ctrl-C interrupts it: it listens to the signal itself.
 * A daemon, since an interrupted fiber interrupts its children at once, even while it cannot be interrupted itself.
 */
export const outlast = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.forkDaemon(effect), (fiber) => Effect.uninterruptible(Fiber.join(fiber)))
