/**
 * Lets the young generation grow only while many messages come or go, whose garbage it is for. Accepting connections makes it grow
 * too, as most of what that allocates survives: it then takes up to 32 MiB of an idle server, and each connection is copied once
 * more (docs/decisions/0003).
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { Reactor } from "../../WebSocket/Connection/Reactor.ts"
import type { Traffic } from "../../WebSocket/Connection/Traffic.ts"
import * as YoungGeneration from "../YoungGeneration.ts"

/** Messages received in a second from which on it may grow. */
const MANY_MESSAGES = 2000

/** Writes in a second from which on it may grow, as when few publish to many: more than come with the connections that are accepted. */
const MANY_WRITES = 20_000

/** A young generation that can be kept at its size. */
interface Generation {
  readonly hold: () => void
  readonly release: () => void
}

type Counts = Pick<Traffic, "messagesReceived" | "writes">

const countsOf = ({ messagesReceived, writes }: Counts): Counts => ({ messagesReceived, writes })

/** `traffic` counts since the start. */
export const follow = (traffic: Counts, { hold, release }: Generation): Effect.Effect<void, never, Scope.Scope> =>
  Effect.suspend(() => {
    let before = countsOf(traffic)
    const look = Effect.sync(() => {
      const now = countsOf(traffic)
      const isBusy =
        now.messagesReceived - before.messagesReceived >= MANY_MESSAGES || now.writes - before.writes >= MANY_WRITES
      if (isBusy) release()
      else hold()
      before = now
    })
    return Effect.asVoid(Effect.forkScoped(Effect.schedule(look, Schedule.spaced("1 second"))))
  })

export const layer: Layer.Layer<never, never, Reactor> = Layer.scopedDiscard(
  Effect.flatMap(Reactor, ({ traffic }) =>
    follow(traffic, { hold: YoungGeneration.hold, release: YoungGeneration.release })
  )
)
