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
import type { Connector } from "../WebSocket/Client/Connector.ts"
import * as Reconnecting from "../WebSocket/Client/Reconnecting.ts"
import type { ConnectionClosed } from "../WebSocket/Conversation/ConnectionClosed.ts"
import type { Conversation } from "../WebSocket/Conversation/Conversation.ts"
import type { Close } from "../WebSocket/Frames/CloseCode.ts"
import { decodeReplies, type Info, type RawPublication, type Reply, type SubscribedResult } from "./ClientReply.ts"
import { comesBack, errors, ReplyError } from "./Codes.ts"

/**
 * A command has no answer: `Timeout`, `Lost` (the connection ended before the answer came, so the server may have done
 * it), `Full` (the outbox has no room), `Ended` (the client has ended, with the server's code in `detail`).
 */
export class CommandError extends Schema.TaggedError<CommandError>()("CommandError", {
  reason: Schema.Literal("Timeout", "Lost", "Full", "Ended"),
  detail: Schema.String
}) {
  override get message(): string {
    return this.detail
  }
}

/** The state of the connection. */
export type ClientState =
  | { readonly _tag: "Connecting" }
  | { readonly _tag: "Connected"; readonly client: string; readonly data: unknown }
  /** The next attempt begins in `milliseconds`. */
  | { readonly _tag: "Waiting"; readonly milliseconds: number }
  /** The server does not want this client, or its scope has ended. It does not connect again. */
  | { readonly _tag: "Ended"; readonly code: number; readonly reason: string }

/** What happens in a channel. */
export type ChannelEvent<A> =
  /**
   * The subscription begins, or begins again. `Recovered`: what was missed follows. `Gap`: something is lost, so load the
   * state anew. `Fresh`: the first time, or a channel that keeps nothing.
   */
  | { readonly _tag: "Subscribed"; readonly recovery: "Fresh" | "Recovered" | "Gap"; readonly data: unknown }
  | { readonly _tag: "Message"; readonly data: A; readonly info: Info | undefined; readonly offset: number | undefined }
  | { readonly _tag: "Joined" | "Left"; readonly info: Info }

/** The options of a client. `url` is required. */
export interface ClientOptions<E = never, R = never> {
  readonly url: URL
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

/** Called with the answer to a command, or why there is none. */
type Done = (answer: Exit.Exit<Reply, ReplyError | CommandError>) => void

interface Command {
  readonly body: Readonly<Record<string, unknown>>
  readonly done: Done
}

interface Subscription {
  readonly events: Mailbox.Mailbox<ChannelEvent<unknown>, ReplyError | CommandError>
  position: { readonly epoch: string; readonly offset: number } | undefined
}

/** Milliseconds after the time of a ping after which the connection counts as lost. */
const PING_DELAY = 10_000
/** Time before a subscription that failed for the moment is tried again. */
const RETRY = "1 second"

const lost = new CommandError({ reason: "Lost", detail: "the connection was lost before the answer came" })

export const make = <E = never, R = never>({
  buffer = 10_000,
  data,
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
    const subscriptions = new Map<string, Subscription>()
    /** Commands without an answer, by id. Those in `unsent` wait for a connection. */
    const pending = new Map<number, Command>()
    const unsent = new Set<number>()
    let ids = 0
    let talk: Conversation | undefined
    let isConnected = false
    let ended: CommandError | undefined
    const currentToken: Effect.Effect<string | undefined, E, R> = Effect.isEffect(token) ? token : Effect.succeed(token)

    const register = (body: Command["body"], done: Done): number => {
      pending.set(++ids, { body, done })
      return ids
    }
    const textOf = (id: number): string => JSON.stringify({ id, ...pending.get(id)?.body })
    /** Sends a command, now or with the next connection. */
    const send = (body: Command["body"], done: Done): number => {
      const id = register(body, done)
      if (!isConnected || talk?.offer(textOf(id)) !== true) unsent.add(id)
      return id
    }
    const call = (body: Command["body"]): Effect.Effect<Reply, ReplyError | CommandError> =>
      Effect.suspend(() => {
        if (ended !== undefined) return ended
        if (!isConnected && unsent.size >= outbox)
          return new CommandError({ reason: "Full", detail: `${outbox} commands wait for a connection` })
        return Effect.async<Reply, ReplyError | CommandError>((resume) => {
          const id = send(body, resume)
          return Effect.sync(() => {
            pending.delete(id)
            unsent.delete(id)
          })
        })
      }).pipe(
        Effect.timeoutFail({
          duration: timeout,
          onTimeout: () =>
            new CommandError({
              reason: "Timeout",
              detail: `no answer within ${Duration.format(Duration.decode(timeout))}`
            })
        })
      )

    // Subscriptions.

    const emit = ({ events }: Subscription, event: ChannelEvent<unknown>): void => {
      if (Option.getOrElse(events.unsafeSize(), () => 0) >= buffer) {
        Effect.runSync(events.clear)
        events.unsafeOffer({ _tag: "Subscribed", recovery: "Gap", data: undefined })
      }
      events.unsafeOffer(event)
    }
    const published = (subscription: Subscription, { data, epoch, info, offset }: RawPublication): void => {
      const { position } = subscription
      if (offset !== undefined && position !== undefined)
        subscription.position = { epoch: epoch ?? position.epoch, offset }
      emit(subscription, { _tag: "Message", data, info, offset })
    }
    const began = (subscription: Subscription, { data, epoch = "", offset = 0, ...result }: SubscribedResult): void => {
      const isFresh = subscription.position === undefined
      const recovery = isFresh ? "Fresh" : result.recovered === true ? "Recovered" : "Gap"
      subscription.position = result.recoverable === true ? { epoch, offset } : undefined
      emit(subscription, { _tag: "Subscribed", recovery, data })
      for (const publication of result.publications ?? []) published(subscription, publication)
    }
    const end = (channel: string, error: ReplyError | CommandError): void => {
      const subscription = subscriptions.get(channel)
      subscriptions.delete(channel)
      subscription?.events.unsafeDone(Exit.fail(error))
    }
    const subscribeCommand = (channel: string): readonly [Command["body"], Done] => {
      const subscription = subscriptions.get(channel)!
      const { position } = subscription
      const recovery = position === undefined ? {} : { recover: true, ...position }
      const done: Done = (answer) => {
        if (subscriptions.get(channel) !== subscription) return
        if (Exit.isSuccess(answer)) return began(subscription, answer.value.subscribe ?? {})
        const failure = Option.getOrUndefined(Cause.failureOption(answer.cause))
        if (failure instanceof ReplyError && !failure.temporary) return end(channel, failure)
        // With the connection that was lost, all subscriptions are made again.
        if (failure instanceof ReplyError)
          fork(
            Effect.delay(
              Effect.sync(() => subscribe(channel)),
              RETRY
            )
          )
      }
      return [{ subscribe: { channel, ...recovery } }, done]
    }
    const subscribe = (channel: string): void => {
      if (isConnected && subscriptions.has(channel)) send(...subscribeCommand(channel))
    }

    // What comes.

    const pushed = ({ channel, join, leave, pub, unsubscribe }: NonNullable<Reply["push"]>): void => {
      const subscription = subscriptions.get(channel)
      if (subscription === undefined) return
      if (pub !== undefined) return published(subscription, pub)
      if (join !== undefined) return emit(subscription, { _tag: "Joined", info: join.info })
      if (leave !== undefined) return emit(subscription, { _tag: "Left", info: leave.info })
      if (unsubscribe === undefined) return
      const { code, reason = "unsubscribed" } = unsubscribe
      if (code >= 2500) subscribe(channel)
      else end(channel, new ReplyError({ code, message: reason, temporary: false }))
    }
    const answered = (id: number, reply: Reply): void => {
      const command = pending.get(id)
      pending.delete(id)
      command?.done(reply.error === undefined ? Exit.succeed(reply) : Exit.fail(new ReplyError(reply.error)))
    }

    // One connection.

    const run = (
      conversation: Conversation
    ): Effect.Effect<Close, ConnectionClosed | ReplyError | E, R | Scope.Scope> =>
      Effect.gen(function* () {
        const token = yield* currentToken
        const connected = yield* Deferred.make<NonNullable<Reply["connect"]>, ReplyError | CommandError>()
        let heardAt = yield* Clock.currentTimeMillis
        let ping = Infinity
        let sendsPong = false
        talk = conversation
        const connect = register({ connect: { token, data, name: "effect-c10k" } }, (answer) => {
          if (Exit.isSuccess(answer) && answer.value.connect !== undefined) {
            isConnected = true
            ping = (answer.value.connect.ping ?? Infinity) * 1000
            sendsPong = answer.value.connect.pong === true
          }
          Deferred.unsafeDone(
            connected,
            Exit.map(answer, (reply) => reply.connect ?? { client: "" })
          )
        })
        const subscribing = [...subscriptions.keys()].map((channel) => register(...subscribeCommand(channel)))
        // Subscriptions are made anew with each connection; what was sent for the last one is not repeated.
        conversation.offer([connect, ...subscribing, ...unsent].map(textOf).join("\n"))
        unsent.clear()
        const clock = yield* Effect.clock
        const receive = conversation.forEach((message) =>
          Effect.suspend(() => {
            heardAt = clock.unsafeCurrentTimeMillis()
            const replies = decodeReplies(typeof message === "string" ? message : new TextDecoder().decode(message))
            if (replies === undefined) return Reconnecting.lost("a message is not of the protocol")
            for (const reply of replies) {
              if (reply.id !== undefined) answered(reply.id, reply)
              else if (reply.push !== undefined) pushed(reply.push)
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
              Effect.catchAll(call({ refresh: { token } }), () => Reconnecting.lost("the token was not refreshed"))
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
      }).pipe(
        Effect.ensuring(
          Effect.sync(() => {
            talk = undefined
            isConnected = false
            for (const [id, { done }] of [...pending]) {
              if (unsent.has(id)) continue
              pending.delete(id)
              done(Exit.fail(lost))
            }
          })
        )
      )

    const finish = (code: number, reason: string): Effect.Effect<void> =>
      Effect.suspend(() => {
        ended = new CommandError({ reason: "Ended", detail: `the client has ended: ${code} ${reason}` })
        for (const { done } of [...pending.values()]) done(Exit.fail(ended))
        pending.clear()
        for (const channel of [...subscriptions.keys()]) end(channel, ended)
        return SubscriptionRef.set(state, { _tag: "Ended", code, reason })
      })
    const connection = Reconnecting.run({ url }, run, {
      ...(schedule === undefined ? {} : { schedule }),
      isFinal: (cause) => cause._tag === "ConnectionClosed" && !comesBack(cause.code),
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
        return finish(1000, failure === undefined ? "its scope has ended" : String(failure))
      }),
      scope
    )

    return {
      state,
      subscribe: <A, I>(channel: string, schema: Schema.Schema<A, I>) =>
        Stream.unwrapScoped(
          Effect.map(
            Effect.acquireRelease(
              Effect.flatMap(Mailbox.make<ChannelEvent<unknown>, ReplyError | CommandError>(), (events) =>
                Effect.suspend((): Effect.Effect<Subscription, ReplyError | CommandError> => {
                  if (ended !== undefined) return ended
                  if (subscriptions.has(channel)) return errors.alreadySubscribed
                  const subscription: Subscription = { events, position: undefined }
                  subscriptions.set(channel, subscription)
                  subscribe(channel)
                  return Effect.succeed(subscription)
                })
              ),
              (subscription) =>
                Effect.sync(() => {
                  if (subscriptions.get(channel) !== subscription) return
                  subscriptions.delete(channel)
                  if (isConnected) send({ unsubscribe: { channel } }, () => {})
                })
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
      publish: (channel, data) => Effect.asVoid(call({ publish: { channel, data } })),
      rpc: (method, data, response) =>
        Effect.flatMap(call({ rpc: { method, data } }), ({ rpc }) => Schema.decodeUnknown(response)(rpc?.data)),
      presence: (channel) =>
        Effect.map(call({ presence: { channel } }), ({ presence }) => Object.values(presence?.presence ?? {})),
      history: (channel, range = {}) =>
        Effect.map(
          call({ history: { channel, limit: -1, ...range } }),
          ({ history }) => history ?? { publications: [], epoch: "", offset: 0 }
        )
    }
  })
