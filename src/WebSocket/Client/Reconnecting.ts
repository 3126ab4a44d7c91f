/**
 * A client that comes back: runs a program on a connection and, when that is lost, again on the next one. The program begins by
 * subscribing, so it subscribes again each time; and it is told what it may have missed.
 */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Codec from "../Conversation/Codec.ts"
import { ConnectionClosed } from "../Conversation/ConnectionClosed.ts"
import type { Conversation } from "../Conversation/Conversation.ts"
import { type Close, CloseCode } from "../Frames/CloseCode.ts"
import type { Message } from "../Frames/Message.ts"
import type { ConnectError } from "../Http/ConnectError.ts"
import { Connector, type ConnectorOptions } from "./Connector.ts"
import { Outage } from "./Outage.ts"

/** Why there is no connection. */
type Loss = ConnectError | ConnectionClosed

/** The time between two connections, in which nothing was heard. */
export interface Gap {
  /** How the last connection ended. */
  readonly close: Close
  /** For how long there was none. */
  readonly milliseconds: number
}

/** The state of a client. */
export type LinkState =
  | { readonly _tag: "Connecting" }
  | { readonly _tag: "Open" }
  /** The next attempt is in so many milliseconds. */
  | { readonly _tag: "Waiting"; readonly cause: Loss; readonly milliseconds: number }

export interface ReconnectOptions<R = never> {
  /** When to try again, as long as it goes on; begun anew after a connection that lasted. From half a second to 15, by chance. */
  readonly schedule?: Schedule.Schedule<unknown, Loss, R>
  /** Milliseconds after which a connection has lasted: 5,000 unless told otherwise. */
  readonly lasting?: number
  /** Whether it is no use to try again, after this. */
  readonly isFinal?: (cause: Loss) => boolean
  /** A wait ends early when this succeeds: the device is online again, say. */
  readonly hurry?: Effect.Effect<unknown, never, R>
  readonly onState?: (state: LinkState) => Effect.Effect<void>
}

const defaultSchedule: Schedule.Schedule<unknown> = Schedule.exponential(500).pipe(
  Schedule.union(Schedule.spaced(15_000)),
  Schedule.jitteredWith({ min: 0.5, max: 1 })
)

/** Codes that a server closes with whatever the client does next: it is done, or does not understand. */
const finalCodes: ReadonlySet<number> = new Set([
  CloseCode.Normal,
  CloseCode.ProtocolError,
  1003,
  CloseCode.InvalidPayload,
  CloseCode.TooBig,
  1010
])

/** Statuses of the kind "not you", which are answered so again, but for these that speak of the moment. */
const passing: ReadonlySet<number> = new Set([408, 425, 429])

const defaultIsFinal = (cause: Loss): boolean => {
  if (cause._tag === "ConnectionClosed") return finalCodes.has(cause.code)
  const { failure, status = 0 } = cause
  return failure === "Request" || (status >= 400 && status < 500 && !passing.has(status))
}

/** A program on a connection; with the gap before it, where it is not the first. */
type Use<In, Out, Invalid, A, E, R> = (
  talk: Conversation<In, Out, Invalid>,
  gap: Gap | undefined
) => Effect.Effect<A, E, R>

type Asked<E, R> = ConnectorOptions | Effect.Effect<ConnectorOptions, E, R>

/** The errors that end it: the program's own failures, and a connection that can't be made. */
type Ends<E> = Exclude<E, ConnectionClosed> | Loss

/**
 * Ends with what the program ends with, where it ends by itself: while its connection is open, or when that was closed for good
 * (1000). Fails when it is no use to try again, or the schedule gives up. `options` may be an effect, asked for each connection: for
 * a token that expires.
 */
export const run = <A, E, R, EO = never, RO = never, RS = never>(
  options: Asked<EO, RO>,
  use: Use<Message, Message, never, A, E, R>,
  reconnect?: ReconnectOptions<RS>
): Effect.Effect<A, Ends<E> | EO, Connector | Exclude<R, Scope.Scope> | RO | RS> =>
  runWith(options, Codec.raw, use, reconnect)

/** As `run`, of messages that a codec gives a type. */
export const runWith = <In, Out, Invalid, A, E, R, EO = never, RO = never, RS = never>(
  options: Asked<EO, RO>,
  codec: Codec.Codec<In, Out, Invalid>,
  use: Use<In, Out, Invalid, A, E, R>,
  reconnect: ReconnectOptions<RS> = {}
): Effect.Effect<A, Ends<E> | EO, Connector | Exclude<R, Scope.Scope> | RO | RS> =>
  Effect.gen(function* () {
    const { hurry, isFinal = defaultIsFinal, lasting = 5000, schedule = defaultSchedule } = reconnect
    const tell = reconnect.onState ?? (() => Effect.void)
    const { connect } = yield* Connector
    const outage = new Outage<Loss, RS>(schedule)
    const asked = Effect.isEffect(options) ? options : Effect.succeed(options)
    let last: { readonly close: Close; readonly at: number } | undefined

    for (;;) {
      yield* tell({ _tag: "Connecting" })
      const outcome = yield* Effect.scoped(
        Effect.gen(function* () {
          const connecting = yield* Effect.either(Effect.flatMap(asked, (each) => connect(each, codec)))
          if (connecting._tag === "Left") return { _tag: "Failed", cause: connecting.left } as const
          const talk = connecting.right
          yield* tell({ _tag: "Open" })
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
      if (isFinal(cause)) return yield* outcome._tag === "Lost" ? (outcome.exit as Exit.Exit<A, Ends<E>>) : cause
      const wait = yield* outage.next(cause, now)
      if (Option.isNone(wait)) return yield* cause
      yield* tell({ _tag: "Waiting", cause, milliseconds: wait.value })
      yield* hurry === undefined ? Effect.sleep(wait.value) : Effect.raceFirst(Effect.sleep(wait.value), hurry)
    }
  })

/** The failure of a program that gives its connection up as lost although it is open, because the server is silent for example. */
export const lost = (reason: string): ConnectionClosed => new ConnectionClosed({ code: CloseCode.Abnormal, reason })

const isLoss = (error: unknown): error is ConnectError =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "ConnectError"

/**
 * How the connection was lost, if that is what ended a program: it was closed, or the program takes it for closed and fails with
 * `ConnectionClosed`.
 */
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
