/**
 * A client that reconnects. It runs a program on a connection and, when the connection is lost, runs it again on the
 * next one. The program begins by subscribing, so it subscribes again each time. It gets the length of the gap, in
 * which it may have missed messages.
 */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as ScheduleDecision from "effect/ScheduleDecision"
import * as ScheduleIntervals from "effect/ScheduleIntervals"
import type * as Scope from "effect/Scope"
import * as Codec from "../Conversation/Codec.ts"
import { ConnectionClosed } from "../Conversation/ConnectionClosed.ts"
import type { Conversation } from "../Conversation/Conversation.ts"
import { type Close, CloseCode } from "../Frames/CloseCode.ts"
import type { Message } from "../Frames/Message.ts"
import { type ConnectError, mayPass } from "../Http/ConnectError.ts"
import { Connector, type ConnectorOptions } from "./Connector.ts"

/** Why there is no connection. */
type Loss = ConnectError | ConnectionClosed

/** The time between two connections, in which no message arrived. */
export interface Gap {
  /** How the last connection ended. */
  readonly close: Close
  /** How long there was no connection. */
  readonly milliseconds: number
}

/** The state of a reconnecting client. */
export type LinkState =
  | { readonly _tag: "Connecting" }
  | { readonly _tag: "Open" }
  /** There is no connection, because of `cause`. The next attempt begins in `milliseconds`. */
  | { readonly _tag: "Waiting"; readonly cause: Loss; readonly milliseconds: number }

/** When and whether to connect again. */
export interface ReconnectOptions<R = never> {
  /**
   * The waits between attempts. The schedule starts again after a connection that lasted. If it ends, the client fails
   * with the last loss. Unless given, the waits grow from 0.5 s to 15 s, each made up to one half shorter at random,
   * without end.
   */
  readonly schedule?: Schedule.Schedule<unknown, Loss, R>
  /** A connection that is open for this number of milliseconds counts as one that lasted. 5,000 unless given. */
  readonly lasting?: number
  /**
   * Whether to give up after this loss. Unless given: close codes 1000, 1002, 1003, 1007, 1009 and 1010; a request that
   * is invalid; and HTTP statuses 400 to 499 except 408, 425 and 429. Not a certificate that has expired, or a page in
   * place of a handshake: the client is still there when the server is mended.
   */
  readonly isFinal?: (cause: Loss) => boolean
  /**
   * When to give up a server whose answers are no valid handshakes, such as those with another subprotocol: after so
   * many in succession. In a browser each refusal is one, because a page does not learn the status. 5 unless given.
   */
  readonly refusals?: number
  /** A wait ends early when this effect succeeds, for example because the device is online again. */
  readonly hurry?: Effect.Effect<unknown, never, R>
  /** Called at each change of the state. */
  readonly onState?: (state: LinkState) => Effect.Effect<void>
}

const defaultSchedule: Schedule.Schedule<unknown> = Schedule.exponential(500).pipe(
  Schedule.union(Schedule.spaced(15_000)),
  Schedule.jitteredWith({ min: 0.5, max: 1 })
)

/** Close codes after which a new connection would end the same way: the server is done, or the client is wrong. */
const finalCodes: ReadonlySet<number> = new Set([
  CloseCode.Normal,
  CloseCode.ProtocolError,
  1003,
  CloseCode.InvalidPayload,
  CloseCode.TooBig,
  1010
])

/** Whether another attempt is useless after this loss: what `ReconnectOptions.isFinal` is unless given. */
export const isFinal = (cause: Loss): boolean => {
  if (cause._tag === "ConnectionClosed") return finalCodes.has(cause.code)
  const { failure, status = 0 } = cause
  return failure === "Request" || (status >= 400 && !mayPass(status))
}

/** A program that runs on a connection. `gap` is the time since the last connection; the first one has none. */
type Use<In, Out, Invalid, A, E, R> = (
  talk: Conversation<In, Out, Invalid>,
  gap: Gap | undefined
) => Effect.Effect<A, E, R>

export type Destination<E, R> = ConnectorOptions | Effect.Effect<ConnectorOptions, E, R>

/** The errors of a reconnecting client: the program's own, and the last loss if it gives up. */
export type Ends<E> = Exclude<E, ConnectionClosed> | Loss

/**
 * Runs `use` on a connection, and again on a new connection when that is lost. Ends with the result of `use` when it
 * ends by itself: while its connection is open, or after that was closed for good (1000). Fails with `ConnectError` or
 * `ConnectionClosed` when a retry is useless (`isFinal`) or the schedule ends. `options` may be an effect, which is run
 * for each connection, for example to get a token that expires.
 */
export const run = <A, E, R, EO = never, RO = never, RS = never>(
  options: Destination<EO, RO>,
  use: Use<Message, Message, never, A, E, R>,
  reconnect?: ReconnectOptions<RS>
): Effect.Effect<A, Ends<E> | EO, Connector | Exclude<R, Scope.Scope> | RO | RS> =>
  runWith(options, Codec.raw, use, reconnect)

/** As `run`, with messages that `codec` decodes and encodes. */
export const runWith = <In, Out, Invalid, A, E, R, EO = never, RO = never, RS = never>(
  options: Destination<EO, RO>,
  codec: Codec.Codec<In, Out, Invalid>,
  use: Use<In, Out, Invalid, A, E, R>,
  reconnect: ReconnectOptions<RS> = {}
): Effect.Effect<A, Ends<E> | EO, Connector | Exclude<R, Scope.Scope> | RO | RS> =>
  Effect.gen(function* () {
    const { hurry, isFinal: isUseless = isFinal, lasting = 5000, refusals = 5, schedule = defaultSchedule } = reconnect
    const notify = reconnect.onState ?? (() => Effect.void)
    const { connect } = yield* Connector
    const outage = new Outage<Loss, RS>(schedule)
    const asked = Effect.isEffect(options) ? options : Effect.succeed(options)
    let refused = 0
    let last: { readonly close: Close; readonly at: number } | undefined

    for (;;) {
      yield* notify({ _tag: "Connecting" })
      const outcome = yield* Effect.scoped(
        Effect.gen(function* () {
          const connecting = yield* Effect.either(Effect.flatMap(asked, (each) => connect(each, codec)))
          if (connecting._tag === "Left") return { _tag: "Failed", cause: connecting.left } as const
          const talk = connecting.right
          yield* notify({ _tag: "Open" })
          const opened = yield* Clock.currentTimeMillis
          const gap = last === undefined ? undefined : { close: last.close, milliseconds: opened - last.at }
          const exit = yield* Effect.exit(use(talk, gap))
          const close = yield* lossIn(talk, exit)
          return close === undefined
            ? ({ _tag: "Ended", exit } as const)
            : ({ _tag: "Lost", exit, opened, close } as const)
        })
      )
      if (outcome._tag === "Ended") return yield* outcome.exit as Exit.Exit<A, Exclude<E, ConnectionClosed>>
      const now = yield* Clock.currentTimeMillis
      if (outcome._tag === "Failed" && !isLoss(outcome.cause)) return yield* Effect.fail(outcome.cause)
      const cause = outcome._tag === "Failed" ? (outcome.cause as ConnectError) : new ConnectionClosed(outcome.close)
      if (outcome._tag === "Lost") {
        last = { close: outcome.close, at: now }
        if (now - outcome.opened >= lasting) outage.end()
      }
      refused = cause._tag === "ConnectError" && cause.failure === "Handshake" ? refused + 1 : 0
      if (isUseless(cause) || refused >= refusals)
        return yield* outcome._tag === "Lost" ? (outcome.exit as Exit.Exit<A, Ends<E>>) : cause
      const wait = yield* outage.next(cause, now)
      if (Option.isNone(wait)) return yield* cause
      yield* notify({ _tag: "Waiting", cause, milliseconds: wait.value })
      yield* hurry === undefined ? Effect.sleep(wait.value) : Effect.raceFirst(Effect.sleep(wait.value), hurry)
    }
  })

/** A program's error to give up an open connection, such as that of a silent server. The client reconnects. */
export const lost = (reason: string): ConnectionClosed => new ConnectionClosed({ code: CloseCode.Abnormal, reason })

const isLoss = (error: unknown): error is ConnectError =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "ConnectError"

/** How the connection was lost, if that ended the program: it was closed, or failed with `ConnectionClosed`. */
const lossIn = (
  talk: Pick<Conversation, "isOpen" | "closed">,
  exit: Exit.Exit<unknown, unknown>
): Effect.Effect<Close | undefined> => {
  if (Exit.isSuccess(exit)) return talk.isOpen ? Effect.succeed(undefined) : talk.closed
  const failures = Chunk.toReadonlyArray(Cause.failures(exit.cause))
  const [first] = failures.filter((failure) => failure instanceof ConnectionClosed)
  const isOnlyThat =
    Chunk.isEmpty(Cause.defects(exit.cause)) && failures.every((failure) => failure instanceof ConnectionClosed)
  return Effect.succeed(isOnlyThat ? first : undefined)
}

/** How long to wait before the next attempt: the steps of a `Schedule`, which starts again after each outage. */
class Outage<In, R> {
  readonly #schedule: Schedule.Schedule<unknown, In, R>
  #state: unknown

  constructor(schedule: Schedule.Schedule<unknown, In, R>) {
    this.#schedule = schedule
    this.#state = schedule.initial
  }

  /** Milliseconds until the next attempt, or none if the schedule gives up. */
  next(cause: In, now: number): Effect.Effect<Option.Option<number>, never, R> {
    return Effect.map(this.#schedule.step(now, cause, this.#state), ([state, , decision]) => {
      this.#state = state
      if (ScheduleDecision.isDone(decision)) return Option.none()
      return Option.some(Math.max(0, ScheduleIntervals.start(decision.intervals) - now))
    })
  }

  /** Ends the outage: the next one begins with the first step. */
  end(): void {
    this.#state = this.#schedule.initial
  }
}
