import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import * as Heartbeat from "../../../src/WebSocket/Connection/Heartbeat.ts"

/** The milliseconds of a round, and its ticks. */
const LONG = { round: 30_000, ticks: 64 }
const SHORT = { round: 160, ticks: 8 }

interface Heard {
  readonly kind: "ping" | "terminate"
  readonly id: number
}

/** Peers, of which those with `answers` answer pings, and what they got since the last look. */
const setup = () => {
  let heard: Array<Heard> = []
  const peers = new Set<Heartbeat.Peer>()
  const add = (id: number, { answers = false, isPaused = false } = {}): Heartbeat.Peer => {
    const peer: Heartbeat.Peer = {
      id,
      alive: true,
      isPaused,
      ping: () => {
        heard.push({ kind: "ping", id })
        if (answers) queueMicrotask(() => (peer.alive = true))
      },
      terminate: (reason) => {
        assert.strictEqual(reason, "no answer to a ping")
        heard.push({ kind: "terminate", id })
        peers.delete(peer)
      }
    }
    peers.add(peer)
    return peer
  }
  const take = () => {
    const taken = heard
    heard = []
    return taken
  }
  return { peers, add, take }
}

/** The pings in each tick of a round. */
const listen = ({ round, ticks }: typeof LONG, take: () => ReadonlyArray<Heard>) =>
  Effect.forEach(Array.from({ length: ticks }), () => Effect.map(TestClock.adjust(round / ticks), take))

describe("Heartbeat", () => {
  it.scoped("Heartbeat pings each silent peer once a round, and in no tick more than its share", () =>
    Effect.gen(function* () {
      const { add, peers, take } = setup()
      for (let id = 1; id <= 10_000; id++) add(id, { answers: true })
      yield* Heartbeat.start(peers, LONG.round)
      assert.deepStrictEqual((yield* listen(LONG, take)).flat(), [])
      const ticks = yield* listen(LONG, take)
      for (const tick of ticks) assert.isAtMost(tick.length, Math.ceil(10_000 / LONG.ticks))
      const ids = ticks.flat().map(({ id }) => id)
      assert.lengthOf(ids, 10_000)
      assert.strictEqual(new Set(ids).size, 10_000)
      assert.strictEqual(peers.size, 10_000)
    })
  )

  it.scoped("Heartbeat does not ping again in the round after an answer", () =>
    Effect.gen(function* () {
      const { add, peers, take } = setup()
      add(1, { answers: true })
      yield* Heartbeat.start(peers, SHORT.round)
      const rounds = yield* Effect.forEach([0, 1, 2, 3, 4], () => Effect.map(listen(SHORT, take), (all) => all.flat()))
      const ping: Heard = { kind: "ping", id: 1 }
      assert.deepStrictEqual(rounds, [[], [ping], [], [ping], []])
    })
  )

  it.scoped(
    "Heartbeat terminates a peer that does not answer for a whole round after the ping, while others come and go",
    () =>
      Effect.gen(function* () {
        const { add, peers, take } = setup()
        const others = Array.from({ length: 500 }, (_, i) => add(i + 1, { answers: true }))
        add(1000)
        yield* Heartbeat.start(peers, SHORT.round)
        yield* listen(SHORT, take)
        const at = (ticks: ReadonlyArray<ReadonlyArray<Heard>>, kind: Heard["kind"]) =>
          ticks.findIndex((tick) => tick.some((heard) => heard.id === 1000 && heard.kind === kind))
        const pinged = at(yield* listen(SHORT, take), "ping")
        assert.notStrictEqual(pinged, -1)
        for (const other of others) peers.delete(other)
        for (let id = 2000; id < 2100; id++) add(id, { answers: true })
        assert.strictEqual(at(yield* listen(SHORT, take), "terminate"), pinged)
        assert.strictEqual(peers.size, 100)
      })
  )

  it.scoped("Heartbeat does not ping a peer that sends", () =>
    Effect.gen(function* () {
      const { add, peers, take } = setup()
      const sender = add(1)
      yield* Heartbeat.start(peers, SHORT.round)
      for (let tick = 0; tick < 5 * SHORT.ticks; tick++) {
        sender.alive = true
        yield* TestClock.adjust(SHORT.round / SHORT.ticks)
      }
      assert.deepStrictEqual(take(), [])
      assert.strictEqual(peers.size, 1)
    })
  )

  it.scoped(
    "Heartbeat pings a peer that is not read, because a write to a dead socket fails, and does not count its silence",
    () =>
      Effect.gen(function* () {
        const { add, peers, take } = setup()
        add(1, { isPaused: true })
        yield* Heartbeat.start(peers, SHORT.round)
        const rounds = yield* Effect.forEach([0, 1, 2, 3, 4], () =>
          Effect.map(listen(SHORT, take), (all) => all.flat())
        )
        const ping: Heard = { kind: "ping", id: 1 }
        assert.deepStrictEqual(rounds, [[], [ping], [ping], [ping], [ping]])
        assert.strictEqual(peers.size, 1)
      })
  )

  it.scoped("Heartbeat ticks less often in a short round, and never without a pause", () =>
    Effect.gen(function* () {
      const { add, peers, take } = setup()
      add(1)
      yield* Heartbeat.start(peers, 10)
      const heard: Array<ReadonlyArray<Heard>> = []
      for (let i = 0; i < 4; i++) {
        yield* TestClock.adjust(10)
        heard.push(take())
      }
      assert.deepStrictEqual(heard, [[], [{ kind: "ping", id: 1 }], [{ kind: "terminate", id: 1 }], []])
    })
  )
})
