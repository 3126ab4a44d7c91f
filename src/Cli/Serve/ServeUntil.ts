/** The reasons for `serve` to end. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { EndWith } from "../ExitStatus.ts"
import { type Signal, Signals, statusOf } from "../Signals.ts"

/**
 * Serves until the first signal, then does what is to be done before the server ends; a second signal ends the program
 * at once. SIGTERM is how service managers end a server whose work is done.
 */
export const untilSignal = <R2 = never>(before: Effect.Effect<void, never, R2> = Effect.void) =>
  Effect.fn("serve.untilSignal")(function* <E, R>(server: Effect.Effect<void, E, R>) {
    const { handle } = yield* Signals
    const signalled = yield* Deferred.make<Signal>()
    yield* handle(1, (_, signal) => Deferred.succeed(signalled, signal))
    const signal = yield* Effect.raceFirst(
      Effect.zipRight(server, Effect.never),
      Effect.zipLeft(Deferred.await(signalled), before)
    )
    if (signal !== "SIGTERM") return yield* new EndWith({ status: statusOf[signal] })
  })

/**
 * One of several processes serves until its supervisor ends it, or SIGTERM to it alone. Ctrl-C in a terminal goes to all
 * processes at once: their supervisor ends them one after the other.
 */
export const untilDrained = (drained: Effect.Effect<void>) =>
  Effect.fn("serve.untilDrained")(function* <E, R>(server: Effect.Effect<never, E, R>) {
    const { handle } = yield* Signals
    const terminated = yield* Deferred.make<void>()
    yield* handle(Number.POSITIVE_INFINITY, (_, signal) =>
      signal === "SIGTERM" ? Deferred.succeed(terminated, undefined) : Effect.void
    )
    yield* Effect.raceFirst(server, Effect.race(drained, Deferred.await(terminated)))
  })
