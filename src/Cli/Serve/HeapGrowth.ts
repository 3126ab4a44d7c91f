/**
 * Lets the young generation grow only while many messages come, whose garbage it is for. Accepting connections makes it grow too, as
 * most of what that allocates survives: it then takes up to 32 MiB of an idle server, and each connection is copied once
 * more (docs/decisions/0003).
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { Reactor } from "../../WebSocket/Connection/Reactor.ts"
import * as YoungGeneration from "../YoungGeneration.ts"

/** Messages a second from which on it may grow. */
const BUSY = 2000

/** A young generation that can be kept at its size. */
interface Generation {
  readonly hold: () => void
  readonly release: () => void
}

/** `received` counts messages since the start. */
export const follow = (
  received: () => number,
  { hold, release }: Generation
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.suspend(() => {
    let before = received()
    const look = Effect.sync(() => {
      const now = received()
      if (now - before < BUSY) hold()
      else release()
      before = now
    })
    return Effect.asVoid(Effect.forkScoped(Effect.schedule(look, Schedule.spaced("1 second"))))
  })

export const layer: Layer.Layer<never, never, Reactor> = Layer.scopedDiscard(
  Effect.flatMap(Reactor, ({ traffic }) =>
    follow(() => traffic.messagesReceived, { hold: YoungGeneration.hold, release: YoungGeneration.release })
  )
)
