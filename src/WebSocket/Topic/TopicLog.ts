/**
 * A topic without its audience: the log, the fold of its entries (positions, kept messages, members), and what this
 * process writes to it. Its events are plain callbacks, which are called where the log is read. In the memory of one
 * process that is inside `publish`.
 */
import { createHash, randomBytes } from "node:crypto"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { given } from "../../Given.ts"
import * as Log from "../../Log/Log.ts"
import * as FaultLog from "../Connection/FaultLog.ts"
import type { Message } from "../Frames/Message.ts"
import * as History from "./KeyHistory.ts"
import type { HistoryLimits, Publication } from "./KeyStream.ts"
import {
  type Done,
  overloaded,
  PendingPublications,
  PublishError,
  tooLarge,
  unconfirmed
} from "./PendingPublications.ts"
import * as Present from "./Presence.ts"
import { codec, OVERHEAD, problemOfKey, type TopicEntry, TopicWriter } from "./TopicEntry.ts"
import { NodeHeartbeats, OwnMembers } from "./TopicNodes.ts"

/** What this process gets from the topic. Errors that a callback throws are logged. */
export interface TopicEvents {
  readonly publication: (key: string, publication: Publication, except: string | undefined) => void
  readonly presence: (change: Present.PresenceChange) => void
  /**
   * Messages were lost that this process has not passed on: of this key; or of all keys, because the log began again, so
   * that positions that were given out before mean nothing any more.
   */
  readonly lost: (key: string | undefined) => void
}

export interface TopicLogOptions {
  readonly name: string
  readonly history: (key: string) => HistoryLimits | undefined
  readonly limits: Partial<History.KeyLimits>
  /** Milliseconds between two heartbeats of a process. */
  readonly heartbeat: number
  readonly maxMessage: number
  /** Milliseconds after which a message that did not come back from the log is unconfirmed. */
  readonly timeout: number
}

export type TopicLog = Effect.Effect.Success<ReturnType<typeof open>>

/** Bytes that may wait to be written to the log. */
const MAX_UNWRITTEN = 4 * 1024 * 1024
/** Milliseconds between two searches for unconfirmed messages. */
const CHECK = 250

const Saved = Schema.parseJson(Schema.Struct({ history: History.Saved, presence: Present.Saved }))
const encode = Schema.encodeSync(Saved)
const decode = Schema.decodeSync(Saved)

const ENDED = "this topic has ended with its scope: make it in a layer, which ends after the handlers that use it"

export const open = (logs: Log.Logs["Type"], options: TopicLogOptions, events: TopicEvents) =>
  Effect.gen(function* () {
    const { heartbeat, maxMessage, name, timeout } = options
    const node = randomBytes(6).toString("hex")
    const faults = yield* FaultLog.make
    const clock = yield* Effect.clock
    const now = () => clock.unsafeCurrentTimeMillis()
    const history = new History.KeyHistory(options.history, { ...History.defaults, ...given(options.limits) })
    const presence = new Present.Presence()
    const nodes = new NodeHeartbeats(node, 3 * heartbeat, now)
    const members = new OwnMembers()
    const pending = new PendingPublications(name)
    const onPublication = faults.guard("A topic's delivery failed", events.publication)
    const onPresence = faults.guard("announce failed", events.presence)
    const onLost = faults.guard("A topic's reset failed", events.lost)
    let ids = 0
    let ending = false
    let isOpen = true
    // Added first, so it runs last.
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        isOpen = false
        pending.expire(Infinity)
      })
    )
    /** Throws if the key can't be used, or the topic has ended. */
    const check = (key: string): void => {
      const problem = isOpen ? problemOfKey(key) : ENDED
      if (problem !== undefined) throw new Cause.RuntimeException(problem)
    }
    /** Writes the members of this process to the log, for processes that do not know them, or not any more. */
    const introduce = (): void =>
      members.forEach((key, member) => writer.append({ _tag: "Joined", key, ...member, node }))
    const take = (entry: TopicEntry): void => {
      if (entry._tag === "Message") {
        const { except, key } = entry
        const publication = history.append(key, entry.message, entry.at)
        onPublication(key, publication, except)
        if (entry.node !== node) return
        return pending.confirm(entry.number, { epoch: history.position(key).epoch, offset: publication.offset })
      }
      if (entry._tag === "Alive") history.pass(entry.at)
      nodes.heard(entry.node)
      for (const change of presence.take(entry)) onPresence(change)
      // The other processes declared this one gone, for example because it was stopped for a while.
      if (entry._tag === "Gone" && entry.node === node && !ending) introduce()
    }

    /** This process missed entries, and has the state after them: passes on what is kept of them. */
    const catchUp = (known: ReadonlyMap<string, History.Position>): void => {
      const unknown = history.position("")
      for (const [key] of history.positions()) {
        const missed = history.missed(key, known.get(key) ?? { ...unknown, offset: 0 }, now())
        if (missed._tag === "Gap") onLost(key)
        else for (const publication of missed.publications) onPublication(key, publication, undefined)
      }
      for (const key of known.keys()) if (history.position(key).offset === 0) onLost(key)
    }
    const takeEpoch = (): void => {
      history.epoch = createHash("sha256").update(log.unsafeGeneration()).digest("hex").slice(0, 8)
    }

    const log: Log.Log<ReadonlyArray<TopicEntry>> = yield* logs.open<ReadonlyArray<TopicEntry>>(name, {
      codec,
      reader: {
        entry: (entries) => entries.forEach(take),
        snapshot: () => new TextEncoder().encode(encode({ history: history.save(), presence: presence.save() })),
        restore: (snapshot) => {
          const saved = decode(new TextDecoder().decode(snapshot))
          const known = history.positions()
          history.restore(saved.history)
          const changes = presence.replace(saved.presence)
          // The first time there is nobody yet who has missed anything.
          if (history.epoch === "") return
          for (const change of changes) onPresence(change)
          catchUp(known)
          introduce()
        },
        forgotten: () => {
          history.clear()
          const changes = presence.replace([])
          pending.expire(Infinity)
          // The log may tell this while it is opened.
          if (history.epoch === "") return
          takeEpoch()
          for (const change of changes) onPresence(change)
          introduce()
          onLost(undefined)
        }
      }
    })
    const writer = new TopicWriter(log, logs.isShared)
    takeEpoch()
    yield* Log.current(log)

    if (logs.isShared) {
      const beat = Effect.sync(() => {
        writer.append({ _tag: "Alive", node, at: now() })
        for (const gone of nodes.silent(presence.nodes(), log.unsafeHealth()))
          writer.append({ _tag: "Gone", node: gone })
      })
      yield* Effect.forkScoped(Effect.repeat(beat, Schedule.spaced(heartbeat)))
      yield* Effect.forkScoped(
        Effect.repeat(
          Effect.sync(() => pending.expire(now())),
          Schedule.spaced(CHECK)
        )
      )
      // If this fails, the other processes notice by the missing heartbeats.
      yield* Effect.addFinalizer(() =>
        Effect.suspend(() => {
          ending = true
          writer.append({ _tag: "Gone", node })
          writer.flush()
          return Effect.timeoutOption(Log.current(log), heartbeat)
        })
      )
    } else {
      const pass = Effect.sync(() => history.pass(now()))
      yield* Effect.forkScoped(Effect.repeat(pass, Schedule.spaced(heartbeat)))
    }

    /** Publishes; `done` is called once. `except` is the id of a membership that does not get it. */
    const unsafePublish = (key: string, message: Message, except: string | undefined, done: Done): void => {
      check(key)
      const bytes = typeof message === "string" ? Buffer.byteLength(message) : message.length
      if (bytes > maxMessage) return done(tooLarge("the message", bytes, maxMessage))
      const { pendingBytes } = log.unsafeHealth()
      if (pendingBytes > MAX_UNWRITTEN) return done(overloaded(name, pendingBytes))
      const at = now()
      const number = pending.add(done, at + timeout)
      const entry = { _tag: "Message", key, node, number, at, message } as const
      writer.append(except === undefined ? entry : { ...entry, except })
    }
    return {
      newId: () => `${node}-${(++ids).toString(36)}`,
      unsafePublish,
      publish: (key: string, message: Message, except?: string) =>
        Effect.async<History.Position, PublishError>((resume) => {
          unsafePublish(key, message, except, (result) =>
            resume(result instanceof PublishError ? Effect.fail(result) : Effect.succeed(result))
          )
        }),
      /** A member becomes present. Returns why it can't. */
      unsafeEnter: (key: string, member: Present.PresentMember): PublishError | undefined => {
        check(key)
        const refused = members.enter(key, member)
        if (refused !== undefined) return refused
        writer.append({ _tag: "Joined", key, ...member, node })
        return undefined
      },
      unsafeLeave: (key: string, id: string): void => {
        if (!members.leave(key, id)) return
        writer.append({ _tag: "Left", key, id, node })
      },
      unsafePosition: (key: string): History.Position => {
        check(key)
        return history.position(key)
      },
      unsafeMissed: (key: string, since: History.Position) => history.missed(key, since, now()),
      unsafeRange: (key: string, range: History.HistoryRange) => history.range(key, range, now()),
      unsafeMembers: (key: string) => presence.members(key),
      unsafeCount: (key: string) => presence.count(key),
      /** Whether this process has not read a position yet, so that it must wait for `current` to say what was missed. */
      unsafeIsAhead: (key: string, since: History.Position): boolean => {
        const { epoch, offset } = history.position(key)
        return logs.isShared && (!log.unsafeHealth().continuous || since.epoch !== epoch || since.offset > offset)
      },
      /** Waits until all that was in the log is read. Fails if that takes longer than `timeout`. */
      current: Effect.timeoutFail(Log.current(log), {
        duration: Duration.millis(timeout),
        onTimeout: () => unconfirmed(name)
      })
    }
  })

/** The largest message that a log takes: NATS takes 1 MiB for an entry, with its key and its head. */
export const MAX_MESSAGE = 1024 * 1024 - 0xffff - OVERHEAD - 64
