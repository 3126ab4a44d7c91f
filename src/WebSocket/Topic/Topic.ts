/**
 * Publish and subscribe. A message that is published under a key reaches all conversations that joined the key; it is
 * encoded once and framed once. Messages go through a log (src/Log) and are delivered when they come back from it. In
 * the memory of one process that happens at once. With a shared log the members in all processes get the same messages
 * in the same order. Each message has a position, by which a member that comes back gets what it missed.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { given } from "../../Given.ts"
import * as Log from "../../Log/Log.ts"
import type { LogError } from "../../Log/LogError.ts"
import * as MemoryLogs from "../../Log/MemoryLogs.ts"
import type { Message } from "../Frames/Message.ts"
import { Audience, type AudienceOptions, type Member } from "./Audience.ts"
import type { HistoryRange, KeyLimits, Position } from "./KeyHistory.ts"
import type { HistoryLimits } from "./KeyStream.ts"
import { PublishError } from "./PendingPublications.ts"
import type { PresenceChange, PresentMember } from "./Presence.ts"
import * as TopicLog from "./TopicLog.ts"

export type { Member } from "./Audience.ts"
export type { HistoryRange, KeyLimits, Position } from "./KeyHistory.ts"
export type { HistoryLimits } from "./KeyStream.ts"
export { PublishError } from "./PendingPublications.ts"
export type { PresenceChange, PresentMember } from "./Presence.ts"

/** How to join a key. */
export interface JoinOptions {
  /** The user that counts as present; a member without a user only listens. */
  readonly user?: string
  /** What others see beside the user, as JSON: a name, a colour. */
  readonly data?: unknown
  /** The position of the last message of a member that comes back. It gets the later ones, if all are kept. */
  readonly since?: Position
}

/** A membership. */
export interface Membership {
  /** Unique among all processes. */
  readonly id: string
  /** The position after which the member gets the messages of others as they come. */
  readonly position: Position
  /**
   * What became of `since`: `Fresh` without it; `Recovered` with the number of missed messages, which the member has
   * got; or `Gap`, because some of them are lost: the member must load its state anew.
   */
  readonly recovery:
    | { readonly _tag: "Fresh" }
    | { readonly _tag: "Recovered"; readonly messages: number }
    | { readonly _tag: "Gap" }
  /**
   * Ends if messages are lost while the member is there, because a shared log was lost: it must join again, or load its
   * state anew. In the memory of one process that does not happen.
   */
  readonly lost: Effect.Effect<void>
}

/** The kept messages of a key, as they were sent, and the position of the last message of the key. */
export interface History {
  readonly messages: ReadonlyArray<{ readonly offset: number; readonly message: Message; readonly at: number }>
  readonly position: Position
}

/** A topic, whose messages are of type `Out`. It ends with the scope in which it was made. */
export interface Topic<in out Out> {
  /**
   * Subscribes a conversation to a key until the scope ends, usually the scope of its handler. With `user` (or only its
   * name in place of options) it counts as present. Fails with `PublishError`, `Unconfirmed`, if it has a `since` and a
   * shared log can't be reached, and with `TooLarge` if user and data have more than 64 KiB.
   */
  readonly join: (
    key: string,
    member: Member<Out>,
    options?: string | JoinOptions
  ) => Effect.Effect<Membership, PublishError, Scope.Scope>
  /**
   * Sends a message to all members of the key but `except`, the id of a membership, without waiting for any of them.
   * Ends with its position when the log has it. Fails with `PublishError`.
   */
  readonly publish: (
    key: string,
    message: Out,
    options?: { readonly except?: string }
  ) => Effect.Effect<Position, PublishError>
  /**
   * The kept messages of a key, or `Gap` if messages directly after `since` are not kept any more. Fails with
   * `PublishError`, `Unconfirmed`, if a shared log can't be reached.
   */
  readonly history: (key: string, range?: HistoryRange) => Effect.Effect<History | "Gap", PublishError>
  /** The members that are present in all processes, as far as this one has heard, in the order in which they joined. */
  readonly presence: (key: string) => Effect.Effect<ReadonlyArray<PresentMember>>
}

/** The options of `make`. `codec` is required. */
export interface TopicOptions<Out> extends Partial<AudienceOptions> {
  /** Encodes messages: the codec of the members' conversations. */
  readonly codec: { readonly encode: (message: Out) => Message }
  /** Makes the message that the members of a key get when somebody joins or leaves; `undefined` sends none. */
  readonly announce?: (change: PresenceChange) => Out | undefined
  /** How much of the past is kept for members who come back: of each key, or of this key. Nothing unless given. */
  readonly history?: HistoryLimits | ((key: string) => HistoryLimits | undefined)
  /** The limits of all keys together. */
  readonly limits?: Partial<KeyLimits>
  /** The most bytes of a message. About 960 KiB unless given, which is the most that NATS takes. */
  readonly maxMessage?: number
}

/** The options of `makeShared`. `codec` and `name` are required. */
export interface SharedTopicOptions<Out> extends TopicOptions<Out> {
  /** The name of the shared log: 1 to 40 letters, digits, `-` and `_`. */
  readonly name: string
  /** Milliseconds between heartbeats of a process. After three without one its members are gone. 5,000 unless given. */
  readonly heartbeat?: number
  /** Milliseconds after which a message that the log did not confirm fails with `Unconfirmed`. 4,000 unless given. */
  readonly timeout?: number
}

const defaults = {
  slow: "close",
  maxQueued: 1024 * 1024,
  heartbeat: 5000,
  maxMessage: TopicLog.MAX_MESSAGE,
  timeout: 4000
} as const

/** A topic of this process only. `slow` is `close` and `maxQueued` is 1 MiB unless given. */
export const make = <Out>(options: TopicOptions<Out>): Effect.Effect<Topic<Out>, never, Scope.Scope> =>
  Effect.flatMap(Layer.build(MemoryLogs.layer()), (context) =>
    // A log in memory can't fail.
    Effect.orDie(open(Context.get(context, Log.Logs), { ...options, name: "topic" }))
  )

/**
 * A topic of all processes that open the same log. The members of a process that was killed are removed after three
 * heartbeats. Fails with `LogError` if the log can't be opened.
 */
export const makeShared = <Out>(
  options: SharedTopicOptions<Out>
): Effect.Effect<Topic<Out>, LogError, Log.Logs | Scope.Scope> =>
  Effect.flatMap(Log.Logs, (logs) => open(logs, options))

const open = Effect.fnUntraced(function* <Out>(logs: Log.Logs["Type"], asked: SharedTopicOptions<Out>) {
  const { announce, codec, history, limits = {}, maxQueued, slow, ...options } = { ...defaults, ...given(asked) }
  const audience: Audience = new Audience({ slow, maxQueued }, Runtime.runFork(yield* Effect.runtime()), (key, id) =>
    log.unsafeLeave(key, id)
  )
  const limitsOf = typeof history === "function" ? history : () => history
  const log: TopicLog.TopicLog = yield* TopicLog.open(
    logs,
    { ...options, history: limitsOf, limits },
    {
      publication: (key, { message }, except) => audience.deliver(key, message, except),
      presence: (change) => {
        const message = announce?.(change)
        if (message !== undefined) audience.deliver(change.key, codec.encode(message))
      },
      lost: (key) => audience.lose(key)
    }
  )
  const known = (key: string, since: Position | undefined) =>
    Effect.suspend(() => (since !== undefined && log.unsafeIsAhead(key, since) ? log.current : Effect.void))

  const join = (key: string, member: Member<Out>, { data, since, user }: JoinOptions): Membership | PublishError => {
    const id = log.newId()
    const position = log.unsafePosition(key)
    const missed = since === undefined ? undefined : log.unsafeMissed(key, since)
    // Nothing comes between these messages and the first new one, because nothing else runs here.
    audience.join(key, id, member, missed?._tag === "Recovered" ? missed.publications : [])
    const refused = user === undefined ? undefined : log.unsafeEnter(key, { id, user, data })
    if (refused !== undefined) {
      audience.leave(key, id)
      return refused
    }
    const lost = Effect.async<void>((resume) => audience.whenLost(key, id, () => resume(Effect.void)))
    if (missed === undefined) return { id, position, lost, recovery: { _tag: "Fresh" } }
    if (missed._tag === "Gap") return { id, position, lost, recovery: missed }
    return { id, position, lost, recovery: { _tag: "Recovered", messages: missed.publications.length } }
  }

  const topic: Topic<Out> = {
    join: (key, member, asked = {}) => {
      const options = typeof asked === "string" ? { user: asked } : asked
      return Effect.zipRight(
        known(key, options.since),
        Effect.acquireRelease(
          Effect.suspend(() => {
            const joined = join(key, member, options)
            return joined instanceof PublishError ? joined : Effect.succeed(joined)
          }),
          ({ id }) =>
            Effect.sync(() => {
              audience.leave(key, id)
              log.unsafeLeave(key, id)
            })
        )
      )
    },
    publish: (key, message, { except } = {}) => Effect.suspend(() => log.publish(key, codec.encode(message), except)),
    history: (key, range = {}) =>
      Effect.zipRight(
        known(key, range.since),
        Effect.sync(() => {
          const found = log.unsafeRange(key, range)
          return found._tag === "Gap"
            ? ("Gap" as const)
            : { messages: found.publications, position: log.unsafePosition(key) }
        })
      ),
    presence: (key) => Effect.sync(() => log.unsafeMembers(key))
  }
  return topic
})
