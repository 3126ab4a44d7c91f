/**
 * Lets the young generation grow only while many messages come or go, since a large one is good for their garbage. Accepting
 * connections would make it grow too, because most objects of a connection survive. It would then take up to 32 MiB of an
 * idle server, and each connection would be copied once more (docs/decisions/0003).
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { Reactor } from "../../WebSocket/Connection/Reactor.ts"
import type { Traffic } from "../../WebSocket/Connection/Traffic.ts"
import * as YoungGeneration from "../YoungGeneration.ts"

/** The young generation may grow from this many received messages per second on. */
const MANY_MESSAGES = 2000

/** It may also grow from this many writes per second on, as when a few publish to many. Accepting connections causes fewer writes than this. */
const MANY_WRITES = 20_000

type Counts = Pick<Traffic, "messagesReceived" | "writes">

const countsOf = ({ messagesReceived, writes }: Counts): Counts => ({ messagesReceived, writes })

/** Polls `traffic` once per second, whose counts only grow, and pins or unpins the generation. */
export const follow = (
  traffic: Counts,
  { pin, unpin }: typeof YoungGeneration
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.suspend(() => {
    let before = countsOf(traffic)
    const poll = Effect.sync(() => {
      const now = countsOf(traffic)
      const isBusy =
        now.messagesReceived - before.messagesReceived >= MANY_MESSAGES || now.writes - before.writes >= MANY_WRITES
      if (isBusy) unpin()
      else pin()
      before = now
    })
    return Effect.asVoid(Effect.forkScoped(Effect.schedule(poll, Schedule.spaced("1 second"))))
  })

export const layer: Layer.Layer<never, never, Reactor> = Layer.scopedDiscard(
  Effect.flatMap(Reactor, ({ traffic }) => follow(traffic, { pin: YoungGeneration.pin, unpin: YoungGeneration.unpin }))
)
