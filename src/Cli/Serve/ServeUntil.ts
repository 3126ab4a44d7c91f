/** When `serve` ends: at a signal, or when its supervisor says so. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { EndWith } from "../ExitStatus.ts"
import { type Signal, Signals, statusOf } from "../Signals.ts"

/**
 * Serves until the first signal, then runs `before` and ends the server. A second signal ends the program at once. After
 * SIGTERM the exit status is 0, because service managers end a healthy server with it.
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
 * One of several processes serves until its supervisor drains it or it gets SIGTERM. It ignores Ctrl-C, which a terminal
 * sends to all processes at once: the supervisor then ends them one after the other.
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
