import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { Game } from "../../../src/Server/Game/Game.ts"
import { Relay, type Subscriber } from "../../../src/Server/Game/Relay.ts"
import { begin, memoryGame } from "./memoryGame.ts"

/** A subscriber, and the texts of the frames that it got. */
const makeListener = () => {
  const texts: Array<string> = []
  const subscriber: Subscriber = { sendFrame: (frame) => void texts.push(frame.slice(2)) }
  return { subscriber, texts }
}

/** `publish` publishes the state of a topic in a grid of four columns and three rows. */
const withRelay = <A>(use: (relay: Relay["Type"], publish: ReturnType<typeof begin>, game: Game["Type"]) => A): A =>
  Effect.runSync(
    Effect.provide(
      Effect.map(Effect.all([Game, Relay]), ([game, relay]) =>
        use(relay, begin(game, { width: 4, height: 3, topology: "", stateCount: 2 }), game)
      ),
      memoryGame()
    )
  )

const topic = FastCheck.nat(11)

describe("Relay", () => {
  it.prop(
    "Relay sends each message once to each subscriber of its topic and to each watcher, unchanged and in order",
    [
      FastCheck.array(FastCheck.tuple(FastCheck.nat(3), topic)),
      FastCheck.array(FastCheck.tuple(topic, FastCheck.constantFrom(0 as const, 1 as const)))
    ],
    ([subscriptions, messages]) =>
      withRelay((relay, publish, game) => {
        const listeners = Array.from({ length: 4 }, makeListener)
        const watcher = makeListener()
        relay.unsafeWatch(watcher.subscriber)
        for (const [who, topic] of subscriptions) relay.unsafeSubscribe(topic, listeners[who]!.subscriber)
        const sent = messages.map(([topic, state], step) => {
          publish(topic, step, state)
          return { topic, text: `${step} ${Math.floor(topic / 4)} ${topic % 4} ${state}` }
        })
        assert.deepStrictEqual(
          watcher.texts,
          sent.map(({ text }) => text)
        )
        let deliveries = sent.length
        for (const [who, { texts }] of listeners.entries()) {
          const topics = new Set(subscriptions.filter(([each]) => each === who).map(([, topic]) => topic))
          const expected = sent.filter(({ topic }) => topics.has(topic)).map(({ text }) => text)
          assert.deepStrictEqual(texts, expected)
          deliveries += expected.length
        }
        assert.deepStrictEqual([game.unsafePublished(), relay.unsafeDeliveries()], [sent.length, deliveries])
      })
  )

  it("Relay sends nothing to subscribers that left", () =>
    withRelay((relay, publish) => {
      const [a, b, watcher] = [makeListener(), makeListener(), makeListener()]
      relay.unsafeSubscribe(5, a.subscriber)
      relay.unsafeSubscribe(5, b.subscriber)
      relay.unsafeWatch(watcher.subscriber)
      relay.unsafeUnsubscribe(5, a.subscriber)
      relay.unsafeUnsubscribe(6, b.subscriber)
      relay.unsafeUnwatch(watcher.subscriber)
      publish(5, 0, 1)
      assert.deepStrictEqual([a.texts, b.texts, watcher.texts], [[], ["0 1 1 1"], []])
    }))

  const states = FastCheck.array(FastCheck.constantFrom(0 as const, 1 as const), { minLength: 1, maxLength: 20 })

  it.prop(
    "Relay keeps the last two states of each topic, the older one first, even if some come again",
    [topic, states, FastCheck.nat(5)],
    ([topic, states, first]) =>
      withRelay((relay, publish) => {
        for (const [index, state] of states.entries()) {
          publish(topic, first + index, state)
          publish(topic, first + index, state)
        }
        const { subscriber, texts } = makeListener()
        relay.unsafeReplay(topic, subscriber)
        relay.unsafeReplay((topic + 1) % 12, subscriber)
        const all = states.map((state, index) => `${first + index} ${Math.floor(topic / 4)} ${topic % 4} ${state}`)
        assert.deepStrictEqual(texts, all.slice(-2))
      })
  )

  it("Relay forgets subscribers and states at a reset, and keeps its watchers", () =>
    withRelay((relay, publish, game) => {
      const [worker, watcher, late] = [makeListener(), makeListener(), makeListener()]
      const seen: Array<string> = []
      relay.unsafeObserve({
        reset: ({ height, topology, width }) => void seen.push(`reset ${width}x${height} ${topology}`),
        record: (topic, step, state) => void seen.push(`${topic} ${step} ${state}`)
      })
      relay.unsafeSubscribe(0, worker.subscriber)
      relay.unsafeWatch(watcher.subscriber)
      publish(0, 0, 1)
      const publishNext = begin(game, { width: 2, height: 2, topology: "torus", stateCount: 2 })
      relay.unsafeReplay(0, late.subscriber)
      publishNext(3, 0, 0)
      assert.deepStrictEqual(relay.unsafeGrid(), { width: 2, height: 2, topology: "torus", stateCount: 2 })
      assert.deepStrictEqual([worker.texts, watcher.texts, late.texts], [["0 0 0 1"], ["0 0 0 1", "0 1 1 0"], []])
      assert.deepStrictEqual(seen, ["reset 4x3 ", "0 0 1", "reset 2x2 torus", "3 0 0"])
    }))
})
