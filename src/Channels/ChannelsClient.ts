/**
 * A client of Centrifugo's protocol as Effects: subscriptions are Streams of typed messages that say what became of a gap.
 * It connects again by itself. It runs wherever there is a `Connector`: on Node, in browsers, over a server in memory.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import type { ParseError } from "effect/ParseResult"
import * as Runtime from "effect/Runtime"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import { messageOf } from "../Text/Thrown.ts"
import type { Connector } from "../WebSocket/Client/Connector.ts"
import * as Reconnecting from "../WebSocket/Client/Reconnecting.ts"
import type { ConnectionClosed } from "../WebSocket/Conversation/ConnectionClosed.ts"
import type { Conversation } from "../WebSocket/Conversation/Conversation.ts"
import type { Close } from "../WebSocket/Frames/CloseCode.ts"
import { ClientCommands, CommandError } from "./ClientCommands.ts"
import { decodeReplies, type Info, type Reply } from "./ClientReply.ts"
import { type ChannelEvent, ClientSubscriptions } from "./ClientSubscriptions.ts"
import { comesBack, errors, ReplyError } from "./Codes.ts"

export { CommandError } from "./ClientCommands.ts"
export type { ChannelEvent } from "./ClientSubscriptions.ts"

/** The state of the connection. */
export type ClientState =
  | { readonly _tag: "Connecting" }
  | { readonly _tag: "Connected"; readonly client: string; readonly data: unknown }
  /** The next attempt begins in `milliseconds`. */
  | { readonly _tag: "Waiting"; readonly milliseconds: number }
  /**
   * The server does not want this client (the code is that of its close or its error; 1000 if it refused the handshake, with
   * the reason), or the scope has ended. It does not connect again.
   */
  | { readonly _tag: "Ended"; readonly code: number; readonly reason: string }

/** The options of a client. `url` is required. */
export interface ClientOptions<E = never, R = never> {
  readonly url: URL
  /** Headers of each handshake, such as a cookie: see `ConnectorOptions`. */
  readonly headers?: Readonly<Record<string, string>>
  /** The token, asked for anew for each connection and when the last one expires. */
  readonly token?: string | Effect.Effect<string, E, R>
  /** For the server's `connect` hook. */
  readonly data?: unknown
  /** How long to wait for an answer, with the time in the outbox. 5 seconds unless given. */
  readonly timeout?: Duration.DurationInput
  /** The most commands that wait for a connection. More fail with `Full`. 1,000 unless given. */
  readonly outbox?: number
  /** The most events that wait to be taken from a subscription. With more they are dropped, and a `Gap` is emitted. 10,000 unless given. */
  readonly buffer?: number
  readonly schedule?: Reconnecting.ReconnectOptions["schedule"]
}

/** A client. It ends with the scope in which it was made. */
export interface ChannelsClient {
  readonly state: SubscriptionRef.SubscriptionRef<ClientState>
  /**
   * The events of a channel, until the server ends the subscription, which fails with `ReplyError`, or a message does not
   * decode, which fails with `ParseError`. One stream of a channel at a time: a second one fails with error 105.
   */
  readonly subscribe: <A, I>(
    channel: string,
    schema: Schema.Schema<A, I>
  ) => Stream.Stream<ChannelEvent<A>, ReplyError | CommandError | ParseError>
  readonly publish: (channel: string, data: unknown) => Effect.Effect<void, ReplyError | CommandError>
  /** Calls a procedure. */
  readonly rpc: <A, I>(
    method: string,
    data: unknown,
    response: Schema.Schema<A, I>
  ) => Effect.Effect<A, ReplyError | CommandError | ParseError>
  readonly presence: (channel: string) => Effect.Effect<ReadonlyArray<Info>, ReplyError | CommandError>
  readonly history: (
    channel: string,
    range?: { readonly limit?: number; readonly reverse?: boolean }
  ) => Effect.Effect<NonNullable<Reply["history"]>, ReplyError | CommandError>
}

/** Milliseconds after the time of a ping after which the connection counts as lost. */
const PING_DELAY = 10_000

export const make = <E = never, R = never>({
  buffer = 10_000,
  data,
  headers,
  outbox = 1000,
  schedule,
  timeout = "5 seconds",
  token,
  url
}: ClientOptions<E, R>): Effect.Effect<ChannelsClient, never, Connector | R | Scope.Scope> =>
  Effect.gen(function* () {
    const state = yield* SubscriptionRef.make<ClientState>({ _tag: "Connecting" })
    const scope = yield* Effect.scope
    const fork = Runtime.runFork(yield* Effect.runtime<never>())
    const commands = new ClientCommands(outbox, timeout)
    const subscriptions = new ClientSubscriptions(commands, buffer, fork)
    const currentToken: Effect.Effect<string | undefined, E, R> = Effect.isEffect(token) ? token : Effect.succeed(token)

    const run = (
      conversation: Conversation
    ): Effect.Effect<Close, ConnectionClosed | ReplyError | E, R | Scope.Scope> =>
      Effect.gen(function* () {
        const token = yield* currentToken
        const connected = yield* Deferred.make<NonNullable<Reply["connect"]>, ReplyError | CommandError>()
        let heardAt = yield* Clock.currentTimeMillis
        let ping = Infinity
        let sendsPong = false
        const connect = commands.register({ connect: { token, data, name: "effect-c10k" } }, (answer) => {
          if (Exit.isSuccess(answer) && answer.value.connect !== undefined) {
            commands.talk = conversation
            ping = (answer.value.connect.ping ?? Infinity) * 1000
            sendsPong = answer.value.connect.pong === true
          }
          Deferred.unsafeDone(
            connected,
            Exit.map(answer, (reply) => reply.connect ?? { client: "" })
          )
        })
        const subscribing = subscriptions.registerAll()
        // Subscriptions are made anew with each connection; what was sent for the last one is not repeated.
        conversation.offer([connect, ...subscribing, ...commands.takeUnsent()].map(commands.textOf).join("\n"))
        const clock = yield* Effect.clock
        const receive = conversation.forEach((message) =>
          Effect.suspend(() => {
            heardAt = clock.unsafeCurrentTimeMillis()
            const replies = decodeReplies(typeof message === "string" ? message : new TextDecoder().decode(message))
            if (replies === undefined) return Reconnecting.lost("a message is not of the protocol")
            for (const reply of replies) {
              if (reply.id !== undefined) commands.answered(reply.id, reply)
              else if (reply.push !== undefined) subscriptions.pushed(reply.push)
              else if (sendsPong) conversation.offer("{}")
            }
            return Effect.void
          })
        )
        const watch = Effect.repeat(
          Effect.suspend(() =>
            clock.unsafeCurrentTimeMillis() - heardAt > ping + PING_DELAY ? Reconnecting.lost("no ping") : Effect.void
          ),
          Schedule.spaced("1 second")
        )
        const refresh = (ttl: number): Effect.Effect<void, ConnectionClosed | E, R> =>
          Effect.delay(currentToken, Duration.seconds(ttl)).pipe(
            Effect.flatMap((token) =>
              Effect.catchAll(commands.call({ refresh: { token } }), () =>
                Reconnecting.lost("the token was not refreshed")
              )
            ),
            Effect.flatMap((reply) =>
              reply.refresh?.expires === true ? refresh(reply.refresh.ttl ?? 1) : Effect.never
            )
          )
        const stay = Deferred.await(connected).pipe(
          Effect.timeoutFail({ duration: timeout, onTimeout: () => Reconnecting.lost("no answer to connect") }),
          Effect.catchTags({
            CommandError: () => Reconnecting.lost("no answer to connect"),
            // A new connection begins with a new token.
            ReplyError: (error) =>
              error.temporary || error.code === errors.tokenExpired.code ? Reconnecting.lost(error.message) : error
          }),
          Effect.tap(({ client, data }) => SubscriptionRef.set(state, { _tag: "Connected", client, data })),
          Effect.flatMap(({ expires, ttl }) => (expires === true ? refresh(ttl ?? 1) : Effect.never))
        )
        return yield* Effect.raceFirst(
          receive,
          Effect.raceFirst(watch, stay) as Effect.Effect<never, ConnectionClosed | ReplyError | E, R>
        )
      }).pipe(Effect.ensuring(Effect.sync(() => commands.lose())))

    const finish = (code: number, reason: string): Effect.Effect<void> =>
      Effect.suspend(() => {
        const error = new CommandError({ reason: "Ended", detail: `the client has ended: ${code} ${reason}` })
        commands.end(error)
        subscriptions.end(error)
        return SubscriptionRef.set(state, { _tag: "Ended", code, reason })
      })
    const connection = Reconnecting.run(headers === undefined ? { url } : { url, headers }, run, {
      ...(schedule === undefined ? {} : { schedule }),
      isFinal: (cause) => (cause._tag === "ConnectionClosed" ? !comesBack(cause.code) : Reconnecting.isFinal(cause)),
      onState: (link) =>
        link._tag === "Waiting"
          ? SubscriptionRef.set(state, { _tag: "Waiting", milliseconds: link.milliseconds })
          : link._tag === "Connecting"
            ? SubscriptionRef.set(state, { _tag: "Connecting" })
            : Effect.void
    })
    yield* Effect.forkIn(
      Effect.onExit(connection, (exit) => {
        if (Exit.isSuccess(exit)) return finish(exit.value.code, exit.value.reason)
        const failure = Option.getOrUndefined(Cause.failureOption(exit.cause))
        if (failure instanceof ReplyError) return finish(failure.code, failure.message)
        return finish(1000, failure === undefined ? "its scope has ended" : messageOf(failure))
      }),
      scope
    )

    return {
      state,
      subscribe: <A, I>(channel: string, schema: Schema.Schema<A, I>) =>
        Stream.unwrapScoped(
          Effect.map(
            Effect.acquireRelease(subscriptions.open(channel), (subscription) =>
              Effect.sync(() => subscriptions.close(channel, subscription))
            ),
            ({ events }) =>
              Stream.mapEffect(
                Mailbox.toStream(events),
                (event): Effect.Effect<ChannelEvent<A>, ParseError> =>
                  event._tag === "Message"
                    ? Effect.map(Schema.decodeUnknown(schema)(event.data), (data) => ({ ...event, data }))
                    : Effect.succeed(event)
              )
          )
        ),
      publish: (channel, data) => Effect.asVoid(commands.call({ publish: { channel, data } })),
      rpc: (method, data, response) =>
        Effect.flatMap(commands.call({ rpc: { method, data } }), ({ rpc }) =>
          Schema.decodeUnknown(response)(rpc?.data)
        ),
      presence: (channel) =>
        Effect.map(commands.call({ presence: { channel } }), ({ presence }) => Object.values(presence?.presence ?? {})),
      history: (channel, range = {}) =>
        Effect.map(
          commands.call({ history: { channel, limit: -1, ...range } }),
          ({ history }) => history ?? { publications: [], epoch: "", offset: 0 }
        )
    }
  })
