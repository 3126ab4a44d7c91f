/**
 * Publish and subscribe. A message that is published under a key reaches all conversations that joined the key; it is
 * encoded once and framed once. Messages go through a log (src/Log) and are delivered when they come back from it. In
 * the memory of one process that happens at once. With a shared log the members in all processes get the same messages
 * in the same order.
 */
import { randomBytes } from "node:crypto"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Log from "../../Log/Log.ts"
import type { LogError } from "../../Log/LogError.ts"
import * as MemoryLogs from "../../Log/MemoryLogs.ts"
import * as FaultLog from "../Connection/FaultLog.ts"
import type { Message } from "../Frames/Message.ts"
import { Audience, type AudienceOptions, type Member } from "./Audience.ts"
import { NodeWatch } from "./NodeWatch.ts"
import { Presence, type PresenceChange } from "./Presence.ts"
import { codec, type PresenceEntry, problemOfKey, type TopicEntry } from "./TopicEntry.ts"

/** A topic, whose messages are of type `Out`. It ends with the scope in which it was made. */
export interface Topic<in out Out> {
  /**
   * Subscribes a conversation to a key until the scope ends, usually the scope of its handler. With `who`, such as the
   * name of a user, it counts as present. A name that joins several times is present until the last of these scopes
   * ends.
   */
  readonly join: (key: string, member: Member<Out>, who?: string) => Effect.Effect<void, never, Scope.Scope>
  /**
   * Sends a message to all members of the key, without waiting for any of them. Waits only while a shared log can't be
   * reached and more than 1 MiB waits to be written to it.
   */
  readonly publish: (key: string, message: Out) => Effect.Effect<void>
  /** The names that are present in all processes, as far as this one has heard, in the order in which they joined. */
  readonly presence: (key: string) => Effect.Effect<ReadonlyArray<string>>
}

/** The options of `make`. `codec` is required. */
export interface TopicOptions<Out> extends Partial<AudienceOptions> {
  /** Encodes messages: the codec of the members' conversations. */
  readonly codec: { readonly encode: (message: Out) => Message }
  /** Makes the message that the members of a key get when somebody joins or leaves; `undefined` sends none. */
  readonly announce?: (change: PresenceChange) => Out | undefined
}

/** The options of `makeShared`. `codec` and `name` are required. */
export interface SharedTopicOptions<Out> extends TopicOptions<Out> {
  /** The name of the shared log: 1 to 40 letters, digits, `-` and `_`. */
  readonly name: string
  /**
   * Milliseconds between two heartbeats of a process. After three of them without one, the process's members count as
   * gone. 5,000 unless given.
   */
  readonly heartbeat?: number
}

const defaults = { slow: "close", maxQueued: 1024 * 1024, heartbeat: 5000 } as const

/** Bytes that may wait to be written to the log before `publish` waits. */
const MAX_UNWRITTEN = 1024 * 1024

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

const ENDED = "this topic has ended with its scope: make it in a layer, which ends after the handlers that use it"

const open = Effect.fnUntraced(function* <Out>(logs: typeof Log.Logs.Service, given: SharedTopicOptions<Out>) {
  const { announce, codec: messages, heartbeat, maxQueued, name, slow } = { ...defaults, ...given }
  const node = randomBytes(6).toString("hex")
  const audience = new Audience({ slow, maxQueued }, Runtime.runFork(yield* Effect.runtime()))
  const faults = yield* FaultLog.make
  const presence = new Presence()
  const clock = yield* Effect.clock
  const watch = new NodeWatch(node, 3 * heartbeat, () => clock.unsafeCurrentTimeMillis())
  let ending = false
  let isOpen = true
  // Added first, so it runs last.
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      isOpen = false
    })
  )
  /** Dies with a message if the key can't be used, or the topic has ended. */
  const using = <A, R>(key: string, effect: Effect.Effect<A, never, R>): Effect.Effect<A, never, R> =>
    Effect.suspend(() => {
      const problem = isOpen ? problemOfKey(key) : ENDED
      return problem === undefined ? effect : Effect.dieMessage(problem)
    })

  // Guarded, because it runs where the log is read, which must not end.
  const tell = faults.guard("announce failed", (change: PresenceChange) => {
    const message = announce?.(change)
    if (message !== undefined) audience.deliver(change.key, messages.encode(message))
  })
  /** Writes the members of this process to the log, for processes that do not know them, or not any more. */
  const introduce = (): void => {
    for (const [key, who] of audience.present()) log.unsafeAppend({ _tag: "Joined", key, who, node })
  }
  const take = (entry: PresenceEntry): void => {
    watch.heard(entry.node)
    for (const change of presence.take(entry)) tell(change)
    // The other processes declared this one gone, for example because it was stopped for a while.
    if (entry._tag === "Gone" && entry.node === node && !ending) introduce()
  }

  const log: Log.Log<TopicEntry> = yield* logs.open<TopicEntry>(name, {
    codec,
    reader: {
      entry: (entry) => (entry._tag === "Message" ? audience.deliver(entry.key, entry.message) : take(entry)),
      snapshot: () => new TextEncoder().encode(presence.snapshot()),
      restore: (snapshot) => presence.restore(new TextDecoder().decode(snapshot)),
      forgotten: () => {
        presence.clear()
        introduce()
      }
    }
  })
  yield* Log.current(log)

  if (logs.isShared) {
    const beat = Effect.sync(() => {
      log.unsafeAppend({ _tag: "Alive", node })
      for (const gone of watch.silent(presence.nodes(), log.unsafeHealth()))
        log.unsafeAppend({ _tag: "Gone", node: gone })
    })
    yield* Effect.forkScoped(Effect.repeat(beat, Schedule.spaced(heartbeat)))
    // If this fails, the other processes notice by the missing heartbeats.
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        ending = true
        log.unsafeAppend({ _tag: "Gone", node })
        return Effect.timeoutOption(Log.current(log), heartbeat)
      })
    )
  }

  const topic: Topic<Out> = {
    join: (key, member, who) =>
      Effect.asVoid(
        Effect.acquireRelease(
          using(
            key,
            Effect.sync(() => {
              const leave = audience.join(key, member, who)
              if (who !== undefined) log.unsafeAppend({ _tag: "Joined", key, who, node })
              return leave
            })
          ),
          (leave) =>
            Effect.sync(() => {
              leave()
              if (who !== undefined) log.unsafeAppend({ _tag: "Left", key, who, node })
            })
        )
      ),
    publish: (key, message) =>
      using(
        key,
        Effect.suspend(() => {
          log.unsafeAppend({ _tag: "Message", key, message: messages.encode(message) })
          return log.unsafeHealth().pendingBytes > MAX_UNWRITTEN ? Log.current(log) : Effect.void
        })
      ),
    presence: (key) => Effect.sync(() => presence.who(key))
  }
  return topic
})
