/** The promises of every topic, tested with each kind of log. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import type { PreparedMessage } from "../../../src/WebSocket/Frames/PreparedMessage.ts"
import type { Member } from "../../../src/WebSocket/Topic/Audience.ts"
import type { History, Topic, TopicOptions } from "../../../src/WebSocket/Topic/Topic.ts"
import { MAX_MESSAGE } from "../../../src/WebSocket/Topic/TopicLog.ts"
import { stateLimit } from "../../limits.ts"

/** A conversation that keeps its messages. `block` makes it stop reading. */
export class FakeMember implements Member<string> {
  readonly received: Array<string> = []
  readonly prepared: Array<PreparedMessage> = []
  readonly #latch = Effect.unsafeMakeLatch(true)
  queued = 0
  closed: number | undefined = undefined

  block(): void {
    this.queued = Infinity
    this.#latch.unsafeClose()
  }

  read(): Effect.Effect<void> {
    this.queued = 0
    return Effect.zipRight(this.#latch.open, Effect.yieldNow())
  }

  readonly offer = (message: string): boolean => this.received.push(message) > 0

  offerPrepared(prepared: PreparedMessage): boolean {
    this.prepared.push(prepared)
    return this.offer(String(prepared.message))
  }

  readonly drained = this.#latch.await

  close(code: number): Effect.Effect<void> {
    return Effect.sync(() => {
      this.closed = code
    })
  }
}

/** Waits until `actual` returns the expected value. */
export const eventually = <A>(actual: () => A, expected: A): Effect.Effect<void> =>
  Effect.suspend(() => Effect.try(() => assert.deepStrictEqual(actual(), expected))).pipe(
    Effect.retry(Schedule.spaced(5)),
    Effect.timeoutTo({
      duration: stateLimit(),
      onSuccess: () => true,
      onTimeout: () => false
    }),
    Effect.flatMap((met) => (met ? Effect.void : Effect.sync(() => assert.deepStrictEqual(actual(), expected)))),
    Effect.orDie
  )

const codec = { encode: (message: string) => message }
const announced: TopicOptions<string> = {
  codec,
  announce: ({ _tag, others, user }) => (others > 0 ? undefined : `${user} ${_tag}`)
}

const textsOf = (history: History | "Gap"): ReadonlyArray<unknown> =>
  history === "Gap" ? [history] : history.messages.map(({ message }) => message)

/** The users who are present in a room. */
export const users = (topic: Topic<string>): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(topic.presence("room"), (members) => members.map(({ user }) => user))

/** Opens a topic twice: in two processes, or in one. */
export type OpenTwice = (
  options: TopicOptions<string>
) => Effect.Effect<readonly [Topic<string>, Topic<string>], unknown, Scope.Scope>

export const conforms = (title: string, openTwice: OpenTwice) =>
  describe(title, () => {
    it.scopedLive("delivers each message to all members of its key, in one order, and to nobody else", () =>
      Effect.gen(function* () {
        const [a, b] = yield* openTwice({ codec })
        const [ada, bob, eve] = [new FakeMember(), new FakeMember(), new FakeMember()]
        yield* Effect.all([a.join("room", ada), b.join("room", bob), b.join("elsewhere", eve)])
        for (let i = 0; i < 50; i++) yield* Effect.all([a.publish("room", `a${i}`), b.publish("room", `b${i}`)])
        yield* eventually(() => [ada.received.length, bob.received.length], [100, 100])
        assert.deepStrictEqual(ada.received, bob.received)
        assert.deepStrictEqual(
          ada.received.filter((text) => text.startsWith("a")),
          Array.from({ length: 50 }, (_, i) => `a${i}`)
        )
        assert.isEmpty(eve.received)
      })
    )

    it.scopedLive("delivers a text that begins with U+FEFF as it is", () =>
      Effect.gen(function* () {
        const [a, b] = yield* openTwice({ codec })
        const ada = new FakeMember()
        yield* b.join("\ufeffroom", ada)
        yield* a.publish("\ufeffroom", "\ufefftext")
        yield* eventually(() => ada.received, ["\ufefftext"])
      })
    )

    it.scopedLive("encodes and frames a message once for all members of a process", () =>
      Effect.gen(function* () {
        let encoded = 0
        const [topic] = yield* openTwice({ codec: { encode: (message) => `${message}${++encoded}` } })
        const members = Array.from({ length: 20 }, () => new FakeMember())
        for (const member of members) yield* topic.join("room", member)
        yield* topic.publish("room", "m")
        yield* eventually(() => members.every(({ received }) => received.length === 1), true)
        assert.strictEqual(encoded, 1)
        assert.strictEqual(new Set(members.map(({ prepared }) => prepared[0])).size, 1)
      })
    )

    it.scopedLive("delivers nothing to a member that has left", () =>
      Effect.gen(function* () {
        const [a, b] = yield* openTwice({ codec })
        const [stays, leaves] = [new FakeMember(), new FakeMember()]
        yield* a.join("room", stays)
        yield* Effect.scoped(a.join("room", leaves))
        yield* b.publish("room", "hello")
        yield* eventually(() => stays.received, ["hello"])
        assert.isEmpty(leaves.received)
      })
    )

    it.scopedLive("knows who is present in all processes, and announces each who joins or leaves once", () =>
      Effect.gen(function* () {
        const [a, b] = yield* openTwice(announced)
        const listener = new FakeMember()
        yield* a.join("room", listener)
        const ada = yield* Scope.make()
        const adaAgain = yield* Scope.make()
        yield* Scope.extend(a.join("room", new FakeMember(), "Ada"), ada)
        yield* eventually(() => listener.received, ["Ada Joined"])
        yield* Scope.extend(b.join("room", new FakeMember(), "Ada"), adaAgain)
        yield* b.join("room", new FakeMember(), "Bob")
        yield* b.join("elsewhere", new FakeMember(), "Eve")
        yield* eventually(() => listener.received, ["Ada Joined", "Bob Joined"])
        assert.deepStrictEqual(yield* users(a), ["Ada", "Ada", "Bob"])
        yield* eventually(() => Effect.runSync(users(b)), ["Ada", "Ada", "Bob"])
        yield* Scope.close(ada, Exit.void)
        yield* a.publish("room", "still there")
        yield* eventually(() => listener.received.slice(2), ["still there"])
        yield* Scope.close(adaAgain, Exit.void)
        yield* eventually(() => listener.received.slice(3), ["Ada Left"])
        assert.deepStrictEqual(yield* users(a), ["Bob"])
      })
    )

    it.scopedLive("gives each message of a key the next position, the same in all processes", () =>
      Effect.gen(function* () {
        const [a, b] = yield* openTwice({ codec, history: { messages: 100 } })
        const first = yield* a.publish("room", "1")
        assert.strictEqual(first.offset, 1)
        assert.match(first.epoch, /./)
        assert.deepStrictEqual(yield* b.publish("room", "2"), { epoch: first.epoch, offset: 2 })
        assert.deepStrictEqual(yield* b.publish("elsewhere", "1"), { epoch: first.epoch, offset: 1 })
        yield* eventually(() => textsOf(Effect.runSync(a.history("room"))), ["1", "2"])
        yield* eventually(() => textsOf(Effect.runSync(b.history("room"))), ["1", "2"])
        assert.deepStrictEqual(textsOf(yield* a.history("room", { reverse: true, limit: 1 })), ["2"])
        assert.deepStrictEqual(textsOf(yield* a.history("room", { since: first })), ["2"])
        assert.deepStrictEqual(textsOf(yield* a.history("room", { since: { ...first, offset: 2 }, reverse: true })), [
          "1"
        ])
      })
    )

    it.scopedLive("gives a member that comes back what it missed, in order and once, before what is new", () =>
      Effect.gen(function* () {
        const [a, b] = yield* openTwice({ codec, history: { messages: 100 } })
        const since = yield* a.publish("room", "1")
        yield* a.publish("room", "2")
        const last = yield* a.publish("room", "3")
        // Until the other process has read it, it is not missed there but new.
        yield* eventually(() => textsOf(Effect.runSync(b.history("room"))), ["1", "2", "3"])
        const member = new FakeMember()
        const { position, recovery } = yield* b.join("room", member, { since })
        assert.deepStrictEqual(recovery, { _tag: "Recovered", messages: 2 })
        assert.deepStrictEqual(position, last)
        yield* a.publish("room", "4")
        yield* eventually(() => member.received, ["2", "3", "4"])
        const nothing = yield* b.join("room", new FakeMember(), { since: { ...last, offset: 4 } })
        assert.deepStrictEqual(nothing.recovery, { _tag: "Recovered", messages: 0 })
        assert.deepStrictEqual((yield* b.join("room", new FakeMember())).recovery, { _tag: "Fresh" })
      })
    )

    it.scopedLive("tells a member of the gap when what it missed is not kept any more", () =>
      Effect.gen(function* () {
        const [a, b] = yield* openTwice({ codec, history: { messages: 2 } })
        const since = yield* a.publish("room", "1")
        for (const text of ["2", "3", "4"]) yield* a.publish("room", text)
        yield* eventually(() => textsOf(Effect.runSync(b.history("room"))), ["3", "4"])
        const member = new FakeMember()
        assert.deepStrictEqual((yield* b.join("room", member, { since })).recovery, { _tag: "Gap" })
        const kept = yield* b.join("room", member, { since: { ...since, offset: 2 } })
        assert.deepStrictEqual(kept.recovery, { _tag: "Recovered", messages: 2 })
        assert.deepStrictEqual(member.received, ["3", "4"])
        const other = yield* b.join("room", member, { since: { epoch: "other", offset: 4 } })
        assert.deepStrictEqual(other.recovery, { _tag: "Gap" })
        assert.strictEqual(yield* b.history("room", { since }), "Gap")
      })
    )

    it.scopedLive("sends a message to all members but the one that is excepted", () =>
      Effect.gen(function* () {
        const [a, b] = yield* openTwice({ codec })
        const [sender, other, far] = [new FakeMember(), new FakeMember(), new FakeMember()]
        const { id } = yield* a.join("room", sender)
        yield* a.join("room", other)
        yield* b.join("room", far)
        yield* a.publish("room", "hidden", { except: id })
        yield* a.publish("room", "for all")
        yield* eventually(() => far.received, ["hidden", "for all"])
        yield* eventually(() => other.received, ["hidden", "for all"])
        assert.deepStrictEqual(sender.received, ["for all"])
      })
    )

    it.scopedLive("refuses a message that is too large before it is queued, and goes on", () =>
      Effect.gen(function* () {
        const [a, b] = yield* openTwice({ codec })
        const member = new FakeMember()
        yield* b.join("room", member)
        const refused = yield* Effect.flip(a.publish("room", "x".repeat(1024 * 1024)))
        assert.strictEqual(refused.reason, "TooLarge")
        assert.match(refused.detail, /1048576 bytes: expected at most \d+/)
        const large = yield* Effect.flip(
          Effect.scoped(a.join("room", new FakeMember(), { user: "Ada", data: "x".repeat(65536) }))
        )
        assert.strictEqual(large.reason, "TooLarge")
        // The largest message that fits, with the longest key.
        const key = "\u0001".repeat(0xffff)
        const most = "x".repeat(MAX_MESSAGE)
        const { offset } = yield* a.publish(key, most)
        assert.strictEqual(offset, 1)
        yield* a.publish("room", "after it")
        yield* eventually(() => member.received, ["after it"])
      })
    )

    it.scopedLive("tells with who is present the data of each member", () =>
      Effect.gen(function* () {
        const [a, b] = yield* openTwice(announced)
        const { id } = yield* a.join("room", new FakeMember(), { user: "Ada", data: { colour: "red" } })
        yield* eventually(() => Effect.runSync(b.presence("room")), [{ id, user: "Ada", data: { colour: "red" } }])
      })
    )

    describe("a member that does not read", () => {
      const withSlow = (slow: "close" | "drop" | "newest") =>
        Effect.gen(function* () {
          const [topic] = yield* openTwice({ codec, slow, maxQueued: 1000 })
          const [member, other] = [new FakeMember(), new FakeMember()]
          yield* topic.join("room", member)
          yield* topic.join("room", other)
          member.block()
          for (const text of ["1", "2", "3"]) yield* topic.publish("room", text)
          yield* eventually(() => other.received, ["1", "2", "3"])
          return { topic, member, other }
        })

      it.scopedLive("is closed with 1008", () =>
        Effect.gen(function* () {
          const { member } = yield* withSlow("close")
          assert.strictEqual(member.closed, 1008)
          assert.isEmpty(member.received)
        })
      )

      it.scopedLive("misses messages until it reads again, with drop", () =>
        Effect.gen(function* () {
          const { member, topic } = yield* withSlow("drop")
          yield* member.read()
          yield* topic.publish("room", "4")
          yield* eventually(() => member.received, ["4"])
        })
      )

      it.scopedLive("gets the newest message when it reads again, with newest", () =>
        Effect.gen(function* () {
          const { member, topic } = yield* withSlow("newest")
          assert.isEmpty(member.received)
          yield* member.read()
          yield* eventually(() => member.received, ["3"])
          yield* topic.publish("room", "4")
          yield* eventually(() => member.received, ["3", "4"])
        })
      )
    })
  })
