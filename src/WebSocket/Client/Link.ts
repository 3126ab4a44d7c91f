/**
 * A handle on a client that reconnects: what it sends from outside of its program, such as from a user interface, waits
 * in a bounded outbox while there is no connection.
 */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as SubscriptionRef from "effect/SubscriptionRef"
import type { Codec } from "../Conversation/Codec.ts"
import type { ConnectionClosed } from "../Conversation/ConnectionClosed.ts"
import type { Conversation } from "../Conversation/Conversation.ts"
import type { Connector } from "./Connector.ts"
import * as Reconnecting from "./Reconnecting.ts"

/** A message was not taken: `Full` (the outbox has no room), `Ended` (the client has ended, and connects no more). */
export class SendError extends Schema.TaggedError<SendError>()("SendError", {
  reason: Schema.Literal("Full", "Ended"),
  detail: Schema.String
}) {
  override get message(): string {
    return this.detail
  }
}

/** The state of a link: of its connection, or `Ended`, with the result of the program or the last loss. */
export type State<A, E> = Reconnecting.LinkState | { readonly _tag: "Ended"; readonly exit: Exit.Exit<A, E> }

/** A client that reconnects until the scope ends in which it was made. */
export interface Link<in Out, in out A = unknown, in out E = unknown> {
  readonly state: SubscriptionRef.SubscriptionRef<State<A, E>>
  /**
   * Sends a message, or keeps it until the program is `ready` on the next connection. While the peer reads slowly, waits.
   * A message that was sent may be lost with its connection: if that matters, the peer must confirm it.
   */
  readonly send: (message: Out) => Effect.Effect<void, SendError>
  /** Waits for the end of the client, and gives the result of its program. */
  readonly ended: Effect.Effect<A, E>
}

/** How to find out that the peer is gone, on platforms that do not: a browser hears nothing of pings. */
export interface HeartbeatOptions<Out> {
  /** What to send in each interval, so that the peer answers. Nothing unless given: then the peer must send by itself. */
  readonly message?: Out
  /** Milliseconds between two messages. 15,000 unless given. */
  readonly interval?: number
  /** Milliseconds without any message of the peer after which the connection counts as lost. 40,000 unless given. */
  readonly silence?: number
}

/** The options of a link. `codec` is required. */
export interface LinkOptions<In, Out, Invalid, RS = never> extends Reconnecting.ReconnectOptions<RS> {
  readonly codec: Codec<In, Out, Invalid>
  /** The most messages that wait for a connection. 1,000 unless given. */
  readonly outbox?: number
  /** What to do with one more: `fail` (unless given) refuses it, `oldest` drops the oldest in its favour. */
  readonly full?: "fail" | "oldest"
  /** None unless given. On Node, connections are pinged anyway. */
  readonly heartbeat?: HeartbeatOptions<Out>
}

/**
 * Runs a program on each connection. The program runs `ready` when messages from outside may leave: after it has said who
 * it is, and has subscribed. What waits leaves first, in order. See `Reconnecting.run` for when the client gives up.
 */
export const make = <In, Out, Invalid, A, E, R, EO = never, RO = never, RS = never>(
  options: Reconnecting.Destination<EO, RO>,
  { codec, full = "fail", heartbeat, outbox = 1000, ...reconnect }: LinkOptions<In, Out, Invalid, RS>,
  program: (
    talk: Conversation<In, Out, Invalid>,
    ready: Effect.Effect<void>,
    gap: Reconnecting.Gap | undefined
  ) => Effect.Effect<A, E, R>
): Effect.Effect<
  Link<Out, A, Reconnecting.Ends<E> | EO>,
  never,
  Connector | Exclude<R, Scope.Scope> | RO | RS | Scope.Scope
> =>
  Effect.gen(function* () {
    const state = yield* SubscriptionRef.make<State<A, Reconnecting.Ends<E> | EO>>({ _tag: "Connecting" })
    const result = yield* Deferred.make<A, Reconnecting.Ends<E> | EO>()
    const waiting: Array<Out> = []
    let isEnded = false
    /** The connection, when the program is ready and nothing waits. */
    let current: Conversation<In, Out, Invalid> | undefined

    const offer = (talk: Conversation<In, Out, Invalid>, message: Out) =>
      talk.offer(message) ? (talk.queued > MAX_UNSENT ? talk.drained : Effect.void) : undefined
    const ready = (talk: Conversation<In, Out, Invalid>): Effect.Effect<void> =>
      Effect.suspend(() => {
        while (waiting.length > 0) {
          const sent = offer(talk, waiting[0]!)
          if (sent === undefined) return Effect.void
          waiting.shift()
          if (sent !== Effect.void) return Effect.zipRight(sent, ready(talk))
        }
        current = talk
        return Effect.void
      })
    const send = (message: Out): Effect.Effect<void, SendError> =>
      Effect.suspend(() => {
        if (isEnded)
          return new SendError({ reason: "Ended", detail: "this client has ended: it does not connect again" })
        const sent = current === undefined ? undefined : offer(current, message)
        if (sent !== undefined) return sent
        if (waiting.length >= outbox && full === "fail")
          return new SendError({ reason: "Full", detail: `${outbox} messages wait for a connection` })
        waiting.push(message)
        if (waiting.length > outbox) waiting.shift()
        return Effect.void
      })

    const client = Reconnecting.runWith(
      options,
      codec,
      (talk, gap): Effect.Effect<A, E | ConnectionClosed, R> =>
        Effect.suspend(() => {
          const own = program(talk, ready(talk), gap)
          return heartbeat === undefined ? own : Effect.raceFirst(own, beat(talk, heartbeat))
        }).pipe(
          Effect.ensuring(
            Effect.sync(() => {
              current = undefined
            })
          )
        ),
      {
        ...reconnect,
        onState: (link) => Effect.zipRight(SubscriptionRef.set(state, link), reconnect.onState?.(link) ?? Effect.void)
      }
    )
    yield* Effect.forkScoped(
      Effect.onExit(client as Effect.Effect<A, Reconnecting.Ends<E> | EO, Connector | RO | RS>, (exit) => {
        isEnded = true
        waiting.length = 0
        return Effect.zipRight(SubscriptionRef.set(state, { _tag: "Ended", exit }), Deferred.done(result, exit))
      })
    )
    return { state, send, ended: Deferred.await(result) }
  })

/** Bytes that may wait to leave before `send` waits too. */
const MAX_UNSENT = 64 * 1024

/** Sends a message in each interval, and fails as a lost connection does when nothing has come for too long. */
export const beat = <Out>(
  talk: Pick<Conversation<never, Out, unknown>, "offer" | "received">,
  { interval = 15_000, message, silence = 40_000 }: HeartbeatOptions<Out>
): Effect.Effect<never, ConnectionClosed> =>
  Effect.gen(function* () {
    let { received } = talk
    let heardAt = yield* Clock.currentTimeMillis
    for (;;) {
      if (message !== undefined) talk.offer(message)
      yield* Effect.sleep(interval)
      const now = yield* Clock.currentTimeMillis
      if (talk.received !== received) heardAt = now
      else if (now - heardAt >= silence) return yield* Reconnecting.lost(`nothing came for ${silence / 1000} s`)
      received = talk.received
    }
  })
