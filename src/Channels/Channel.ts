/** Descriptions of channels and of procedures: what they carry, and the hooks that decide who may do what. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import * as Schema from "effect/Schema"
import type { HistoryLimits } from "../WebSocket/Topic/KeyStream.ts"
import { type Disconnect, errors, ReplyError } from "./Codes.ts"

/** A client that is connected. */
export interface Client {
  /** Unique among all connections of all processes. */
  readonly id: string
  /** Empty for an anonymous client. */
  readonly user: string
  /** What others see of the connection beside the user. */
  readonly info: unknown
  /** What the `connect` hook returned as `context`, for the other hooks. */
  readonly context: unknown
}

/** What a hook may fail with: an error in the reply, or the end of the connection. Anything else is logged, and is error 100. */
export type Refusal = ReplyError | Disconnect

/** What a client wants of a channel. */
export interface ChannelRequest {
  readonly channel: string
  /** What the `*` of the channel's pattern stands for: `lobby` in `room:lobby`. Empty without `*`. */
  readonly name: string
  readonly client: Client
}

export interface SubscribeRequest extends ChannelRequest {
  /** The subscription token, if the client sent one. */
  readonly token: string | undefined
  /** What the client sent with it. */
  readonly data: unknown
}

export interface PublishRequest<out A> extends ChannelRequest {
  readonly data: A
}

/** What a client gets with its subscription. All parts may be absent. */
export interface Subscription {
  /** For the client, in the reply. */
  readonly data?: unknown
  /** For others: `chan_info` in presence, joins, leaves and publications. */
  readonly info?: unknown
  /** When the subscription ends, in milliseconds since 1970. With a `refresh` hook the client sends a new token before. */
  readonly expiresAt?: number
}

// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only decides may end with `Effect.void`.
export type Maybe<A> = A | void

type Hook<Request, A, R> = (request: Request) => Effect.Effect<A, Refusal, R>

/** The options of a channel. Without hooks everybody may subscribe, and nobody may publish. */
export interface ChannelOptions<A, I, R> {
  /** The schema of publications. Others are error 107. Any JSON unless given. */
  readonly message?: Schema.Schema<A, I>
  /** How much of the past is kept. With it clients recover what they missed. Nothing unless given. */
  readonly history?: HistoryLimits
  /** Whether clients may ask who is there. */
  readonly presence?: boolean
  /** Whether all subscribers get a push when a client subscribes or unsubscribes. */
  readonly joinLeave?: boolean
  /** May the client subscribe? */
  readonly subscribe?: Hook<SubscribeRequest, Maybe<Subscription>, R>
  /**
   * May the client publish, subscribed or not? `true` allows all connected clients, `"subscribers"` those who are
   * subscribed. A hook may return other data to publish in place of the client's.
   */
  readonly publish?: true | "subscribers" | Hook<PublishRequest<A>, Maybe<{ readonly data: A }>, R>
  /** May the client read history and presence without being subscribed? Subscribers may. Nobody else unless given. */
  readonly read?: true | Hook<ChannelRequest, void, R>
  /** A new subscription token came: until when does the subscription last now? */
  readonly refresh?: Hook<SubscribeRequest, Maybe<Subscription>, R>
  /** The most publications of a client in this channel: `burst` at once, `perSecond` on average. More are error 111. */
  readonly rate?: Rate
}

/** A limit of what a client may do in a time. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** A kind of channels. `R` are the services that its hooks need. */
export interface Channel<out R = never> {
  readonly pattern: string
  readonly history: HistoryLimits | undefined
  readonly presence: boolean
  readonly joinLeave: boolean
  readonly rate: Rate | undefined
  readonly subscribe: Hook<SubscribeRequest, Maybe<Subscription>, R> | undefined
  readonly read: true | Hook<ChannelRequest, void, R> | undefined
  readonly refresh: Hook<SubscribeRequest, Maybe<Subscription>, R> | undefined
  readonly whoPublishes: "all" | "subscribers" | "hook" | "nobody"
  /** Checks the data of a publication, and returns it as it will be sent. */
  readonly decode: (data: unknown) => Either.Either<unknown, ReplyError>
  /** The hook of a publication, with data that was checked. Returns what to send. */
  readonly publish: (request: PublishRequest<unknown>) => Effect.Effect<unknown, Refusal, R>
}

/** A kind of channels whose publications are of type `A`. */
export interface TypedChannel<in out A, out R = never> extends Channel<R> {
  /** Encodes a publication of the application's own, for `Channels.publish`. */
  readonly encode: (data: A) => unknown
}

/**
 * Describes channels whose names match a pattern: `news`, or `room:*`, in which `*` stands for one character or more. Of
 * several patterns that match, the one with most characters counts.
 */
export const make = <A = unknown, I = unknown, R = never>(
  pattern: string,
  options: ChannelOptions<A, I, R> = {}
): TypedChannel<A, R> => {
  // Without a schema, data are any JSON.
  const schema = (options.message ?? Schema.Unknown) as Schema.Schema<A, I>
  const decode = Schema.decodeUnknownEither(schema)
  const encode = Schema.encodeSync(schema)
  const { publish } = options
  return {
    pattern,
    history: options.history,
    presence: options.presence ?? false,
    joinLeave: options.joinLeave ?? false,
    rate: options.rate,
    subscribe: options.subscribe,
    read: options.read,
    refresh: options.refresh,
    whoPublishes:
      publish === undefined ? "nobody" : publish === true ? "all" : publish === "subscribers" ? publish : "hook",
    decode: (data) =>
      Either.mapBoth(decode(data), { onLeft: () => errors.badRequest, onRight: (decoded) => encode(decoded) }),
    publish: (request) => {
      if (typeof publish !== "function") return Effect.succeed(request.data)
      const decoded = decode(request.data)
      if (Either.isLeft(decoded)) return Exit.fail(errors.badRequest)
      const data = decoded.right
      return mapBoth(publish({ ...request, data }), {
        onSuccess: (result) => encode(result === undefined ? data : result.data),
        onFailure: identity
      })
    },
    encode
  }
}

/** A hook that refuses everybody with error 103. */
export const denied = (): Effect.Effect<never, ReplyError> => Exit.fail(errors.permissionDenied)

/** A procedure that clients call by its name. */
export interface Procedure<out R = never> {
  readonly method: string
  readonly call: (data: unknown, client: Client) => Effect.Effect<unknown, Refusal, R>
}

/** The schemas of a procedure. */
export interface ProcedureOptions<A, I, B, J, E, F> {
  /** What the client sends. Anything else is error 107. */
  readonly request: Schema.Schema<A, I>
  /** What it gets. */
  readonly response: Schema.Schema<B, J>
  /**
   * A failure of the application's own. The client gets the error `code` (400 to 1999) with the encoded failure as JSON in
   * its message.
   */
  readonly error?: { readonly code: number; readonly schema: Schema.Schema<E, F> }
}

/** Maps an effect. One that is a result already, such as `Effect.succeed`, stays one, so that nothing must be run. */
const mapBoth = <A, B, E, F, R>(
  effect: Effect.Effect<A, E, R>,
  to: { readonly onSuccess: (value: A) => B; readonly onFailure: (error: E) => F }
): Effect.Effect<B, F, R> =>
  Exit.isExit(effect) ? Exit.mapBoth(effect as Exit.Exit<A, E>, to) : Effect.mapBoth(effect, to)

/** Describes a procedure. `handler` gets the decoded request. */
export const procedure = <A, I, B, J, E = never, F = never, R = never>(
  method: string,
  { error, request, response }: ProcedureOptions<A, I, B, J, E, F>,
  handler: (request: A, client: Client) => Effect.Effect<B, Refusal | E, R>
): Procedure<R> => {
  const decode = Schema.decodeUnknownEither(request)
  const encode = Schema.encodeSync(response)
  const isFailure = error === undefined ? (_: unknown): _ is never => false : Schema.is(error.schema)
  const encodeError = error === undefined ? undefined : Schema.encodeSync(Schema.parseJson(error.schema))
  return {
    method,
    call: (data, client) => {
      const decoded = decode(data)
      if (Either.isLeft(decoded)) return Exit.fail(errors.badRequest)
      return mapBoth(handler(decoded.right, client), {
        onSuccess: (result): unknown => encode(result),
        onFailure: (failure): Refusal =>
          isFailure(failure) && error !== undefined && encodeError !== undefined
            ? new ReplyError({ code: error.code, message: encodeError(failure), temporary: false })
            : (failure as Refusal)
      })
    }
  }
}
