/** A reconnecting client, on connections that the test provides, with a test clock. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/TestClock"
import { Connector } from "../../../src/WebSocket/Client/Connector.ts"
import * as Reconnecting from "../../../src/WebSocket/Client/Reconnecting.ts"
import type { Transport } from "../../../src/WebSocket/Conversation/Transport.ts"
import { TransportConversation } from "../../../src/WebSocket/Conversation/TransportConversation.ts"
import type { Message } from "../../../src/WebSocket/Frames/Message.ts"
import { ConnectError, type ConnectFailure, isFinalFailure } from "../../../src/WebSocket/Http/ConnectError.ts"

const url = new URL("ws://server.test/")

/** The server's end of a connection. */
class FakeLine implements Transport {
  readonly id = 1
  readonly sent: Array<Message> = []
  isOpen = true
  queued = 0
  talk: Pick<TransportConversation<never, never, unknown>, "onMessage" | "onClose"> | undefined
  send(message: Message): void {
    this.sent.push(message)
  }
  sendPrepared(): void {}
  onceDrained(f: () => void): () => void {
    f()
    return () => {}
  }
  close(code = 1000): void {
    this.lose(code)
  }
  retain(): void {}
  release(): void {}
  lose(code: number): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.talk?.onClose({ code, reason: "" })
  }
  say(message: Message): void {
    this.talk?.onMessage(message)
  }
}

const refused = new ConnectError({ url: "ws://server.test/", failure: "Refused", detail: "connection refused" })

/** A connector whose attempts get what the test provides: a line, or an error. */
const fake = Effect.gen(function* () {
  const answers = yield* Queue.unbounded<FakeLine | ConnectError>()
  const connector = Connector.of({
    connect: (_, codec) =>
      Effect.flatMap(Queue.take(answers), (answer) => {
        if (!(answer instanceof FakeLine)) return Effect.fail(answer)
        const talk = new TransportConversation(answer, codec)
        answer.talk = talk
        return Effect.succeed(talk)
      })
  })
  return { connector, offer: (answer: FakeLine | ConnectError) => Queue.offer(answers, answer) }
})

const schedule = Schedule.spaced(1000)

describe("a reconnecting client", () => {
  it.effect("a reconnecting client subscribes again on each connection, and gets the gap before it", () =>
    Effect.gen(function* () {
      const { connector, offer } = yield* fake
      const got: Array<unknown> = []
      const states: Array<string> = []
      const client = yield* Reconnecting.run(
        { url },
        (talk, gap) =>
          Effect.gen(function* () {
            got.push(gap)
            yield* talk.send("subscribe")
            return yield* talk.forEach((message) => Effect.sync(() => got.push(message)))
          }),
        { schedule, onState: ({ _tag }) => Effect.sync(() => states.push(_tag)) }
      ).pipe(Effect.provideService(Connector, connector), Effect.fork)
      const [first, second] = [new FakeLine(), new FakeLine()]
      yield* offer(first)
      yield* settle
      first.say("one")
      yield* settle
      first.lose(1006)
      yield* settle
      yield* offer(refused)
      yield* TestClock.adjust(1000)
      yield* offer(second)
      yield* TestClock.adjust(1000)
      second.say("two")
      yield* settle
      assert.deepStrictEqual(got, [undefined, "one", { close: { code: 1006, reason: "" }, milliseconds: 2000 }, "two"])
      assert.deepStrictEqual([first.sent, second.sent], [["subscribe"], ["subscribe"]])
      assert.deepStrictEqual(states, ["Connecting", "Open", "Waiting", "Connecting", "Waiting", "Connecting", "Open"])
      // The server has sent everything and closes for good.
      second.lose(1000)
      assert.deepStrictEqual(yield* Fiber.join(client), { code: 1000, reason: "" })
    })
  )

  it.effect("a reconnecting client ends with its program, and closes its connection", () =>
    Effect.gen(function* () {
      const { connector, offer } = yield* fake
      const line = new FakeLine()
      yield* offer(line)
      const result = yield* Reconnecting.run({ url }, () => Effect.succeed("done"), { schedule }).pipe(
        Effect.provideService(Connector, connector)
      )
      assert.strictEqual(result, "done")
    })
  )

  it.effect("a reconnecting client fails with the failure of its program, and with no other", () =>
    Effect.gen(function* () {
      const { connector, offer } = yield* fake
      yield* offer(new FakeLine())
      const failure = yield* Reconnecting.run({ url }, () => Effect.fail("mistake" as const)).pipe(
        Effect.provideService(Connector, connector),
        Effect.flip
      )
      assert.strictEqual(failure, "mistake")
    })
  )

  it.effect("a reconnecting client may declare its connection lost, because the server is silent", () =>
    Effect.gen(function* () {
      const { connector, offer } = yield* fake
      const again = yield* Deferred.make<void>()
      yield* offer(new FakeLine())
      const next = new FakeLine()
      const client = yield* Reconnecting.run(
        { url },
        Effect.fnUntraced(function* (talk, gap) {
          if (gap !== undefined) return yield* Deferred.succeed(again, undefined)
          const silent = { duration: 3000, onTimeout: () => Reconnecting.lost("silent") }
          return yield* Effect.timeoutFail(talk.receive, silent)
        }),
        { schedule }
      ).pipe(Effect.provideService(Connector, connector), Effect.fork)
      yield* TestClock.adjust(3000)
      yield* offer(next)
      yield* TestClock.adjust(1000)
      yield* Deferred.await(again)
      yield* Fiber.join(client)
    })
  )

  it.effect("a reconnecting client does not try again after a refusal that would be repeated", () =>
    Effect.gen(function* () {
      const { connector, offer } = yield* fake
      const status = (code: number) =>
        new ConnectError({ url: "ws://server.test/", failure: "Status", detail: `${code}`, status: code })
      const attempt = Reconnecting.run({ url }, () => Effect.succeed("in"), { schedule }).pipe(
        Effect.provideService(Connector, connector)
      )
      yield* offer(status(401))
      assert.strictEqual((yield* Effect.flip(attempt))._tag, "ConnectError")
      const patient = yield* Effect.fork(attempt)
      yield* offer(status(503))
      yield* offer(status(429))
      yield* offer(new FakeLine())
      yield* TestClock.adjust(2500)
      assert.strictEqual(yield* Fiber.join(patient), "in")
    })
  )

  it.effect(
    "a reconnecting client waits until somebody has mended the server, which ends a run that has just begun",
    () =>
      Effect.gen(function* () {
        const { connector, offer } = yield* fake
        const failed = (failure: ConnectFailure, status?: number) =>
          new ConnectError({ url: "ws://server.test/", failure, detail: "", ...(status && { status }) })
        const client = yield* Reconnecting.run({ url }, () => Effect.succeed("in"), { schedule }).pipe(
          Effect.provideService(Connector, connector),
          Effect.fork
        )
        // An expired certificate, a page for the time of a deployment, and a server of another version.
        const mended = [failed("Tls"), failed("Status", 200), failed("Status", 302), failed("Handshake")]
        const passing = [failed("Status", 502), failed("Closed"), failed("Proxy"), failed("Dns"), refused]
        for (const each of [...mended, ...passing]) yield* offer(each)
        yield* offer(new FakeLine())
        yield* TestClock.adjust(1000 * (mended.length + passing.length) + 500)
        assert.strictEqual(yield* Fiber.join(client), "in")
        assert.deepStrictEqual(mended.map(isFinalFailure), [true, true, true, true])
        assert.deepStrictEqual(passing.map(isFinalFailure), [false, false, false, false, false])
        for (const each of [failed("Request"), failed("Status", 404)])
          assert.deepStrictEqual([Reconnecting.isFinal(each), isFinalFailure(each)], [true, true])
      })
  )

  it.effect("a reconnecting client gives up a server whose answers are no handshakes, five times in succession", () =>
    Effect.gen(function* () {
      const { connector, offer } = yield* fake
      const wrong = new ConnectError({ url: "ws://server.test/", failure: "Handshake", detail: "another subprotocol" })
      const client = yield* Reconnecting.run({ url }, () => Effect.void, { schedule }).pipe(
        Effect.provideService(Connector, connector),
        Effect.flip,
        Effect.fork
      )
      for (const each of [wrong, wrong, wrong, wrong, refused, wrong, wrong, wrong, wrong, wrong]) yield* offer(each)
      yield* TestClock.adjust(8500)
      assert.isTrue(Option.isNone(yield* Fiber.poll(client)))
      yield* TestClock.adjust(1000)
      assert.strictEqual(yield* Fiber.join(client), wrong)
    })
  )

  it.effect(
    "a reconnecting client gives up with its schedule, which starts again only after a connection that lasted",
    () =>
      Effect.gen(function* () {
        const { connector, offer } = yield* fake
        const ended = Reconnecting.run({ url }, (talk) => talk.forEach(() => Effect.void), {
          schedule: Schedule.recurs(2),
          lasting: 100
        }).pipe(Effect.provideService(Connector, connector), Effect.flip)
        const client = yield* Effect.fork(ended)
        const short = [new FakeLine(), new FakeLine()]
        for (const line of short) {
          yield* offer(line)
          yield* settle
          line.lose(1011)
          yield* settle
        }
        const lasting = new FakeLine()
        yield* offer(lasting)
        yield* TestClock.adjust(200)
        lasting.lose(1001)
        yield* offer(refused)
        yield* offer(refused)
        yield* settle
        assert.strictEqual(yield* Fiber.join(client), refused)
      })
  )

  it.effect("a reconnecting client ends a wait early when it is told to hurry", () =>
    Effect.gen(function* () {
      const { connector, offer } = yield* fake
      const online = yield* Deferred.make<void>()
      yield* offer(refused)
      yield* offer(new FakeLine())
      const client = yield* Reconnecting.run({ url }, () => Effect.succeed("in"), {
        schedule,
        hurry: Deferred.await(online)
      }).pipe(Effect.provideService(Connector, connector), Effect.fork)
      yield* settle
      yield* Deferred.succeed(online, undefined)
      assert.strictEqual(yield* Fiber.join(client), "in")
    })
  )
})

/** Lets the other fibers run as far as they can without time passing. */
const settle = TestClock.adjust(0).pipe(Effect.zipRight(Effect.yieldNow()), Effect.repeatN(5))
