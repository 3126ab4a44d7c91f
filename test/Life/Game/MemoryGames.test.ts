/** The driver with the server's services in memory, with random orders of delivery and losses. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as GameDriver from "../../../src/Life/Game/GameDriver.ts"
import { LifeTransport } from "../../../src/Life/Game/LifeTransport.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"
import { CloseReason } from "../../../src/Protocol/CloseReason.ts"
import * as Protocol0 from "../../../src/Protocol/Protocol0.ts"
import { connectError } from "../../../src/WebSocket/Http/ConnectError.ts"
import * as arbitraries from "../arbitraries.ts"
import { fast, play, random, suite, Witness } from "./games.ts"
import { layer, MemoryNetwork } from "./MemoryTransport.ts"

suite("without sockets", layer(1))

describe("lockstep", () => {
  it.live.prop(
    "any world and any order of delivery: every cell of every step is correct",
    [arbitraries.world(5), FastCheck.integer({ min: 0, max: 1000 })],
    ([{ grid, rule, topology }, seed]) =>
      Effect.asVoid(Effect.provide(play({ start: grid, rule, topology, steps: 12 }), layer(seed))),
    { fastCheck: { numRuns: 40 } }
  )
})

/** Waits until the game has reached this step. */
const reached = (game: GameDriver.Game, step: number): Effect.Effect<void> =>
  Effect.repeat(Effect.sleep(1), { until: () => game.progress.step >= step }).pipe(Effect.asVoid)

describe("a run to a step", () => {
  it.live("a run to a step is paused there, at once if cells have taken it, and goes on after it", () =>
    Effect.gen(function* () {
      const topology = Topology.torus(6, 5)
      const options = { ...fast, start: random(topology), topology, steps: 30, speed: 500 }
      const witness = new Witness(options)
      let greatest = 0
      const observe: Witness["observe"] = (step, ...cell) => {
        greatest = Math.max(greatest, step)
        witness.observe(step, ...cell)
      }
      const game = yield* GameDriver.start({ ...options, observe: () => observe })
      const playing = yield* Effect.fork(game.done)
      yield* game.running
      const runTo = (step: number) => Effect.async<void>((resume) => game.pace.resume(step, () => resume(Effect.void)))
      for (const step of [20, 3]) {
        yield* runTo(step)
        yield* reached(game, 20)
        assert.isTrue(game.pace.isPaused)
        assert.strictEqual(greatest, 20)
      }
      game.pace.resume()
      yield* Fiber.join(playing)
      witness.assertRight(options.steps)
    }).pipe(Effect.scoped, Effect.provide(layer(1)))
  )
})

describe("recovery", () => {
  const topology = Topology.torus(6, 9)
  const life: GameDriver.GameOptions = { ...fast, start: random(topology), topology, steps: 60, speed: 100 }
  /** A rule that is chaotic on this grid and has many dying cells. */
  const brain: GameDriver.GameOptions = { ...life, rule: Rule.withStates(Rule.make([2, 3], []), 4) }

  it.live.each([1, 2, 3, 4])("connections are cut repeatedly, and the server restarts (order %i)", (seed) =>
    Effect.gen(function* () {
      const network = yield* MemoryNetwork
      const options = seed % 2 === 0 ? brain : life
      const witness = new Witness(options)
      const game = yield* GameDriver.start({ ...options, observe: () => witness.observe })
      const playing = yield* Effect.fork(game.done)
      let lost = 0
      for (let step = 5; step < 55; step += 10) {
        yield* reached(game, step)
        lost += network.cut(0.5)
        yield* reached(game, step + 3)
        yield* network.restart
      }
      yield* Fiber.join(playing)
      witness.assertRight(options.steps)
      assert.isAbove(lost, 0)
    }).pipe(Effect.scoped, Effect.provide(layer(seed)))
  )

  it.live.each([408, 425, 429, 500, 503])("a server that is too busy answers some cells with %i at first", (status) =>
    Effect.gen(function* () {
      const transport = yield* LifeTransport
      let connecting = 0
      const busy = LifeTransport.of({
        ...transport,
        unsafeConnect: (cell, onOpen, onFailure) => {
          if (connecting++ % 10 !== 0) return transport.unsafeConnect(cell, onOpen, onFailure)
          const url = new URL("ws://127.0.0.1/worker/")
          queueMicrotask(() => onFailure(connectError(url, "Status", "", { status, phrase: "" })))
          return () => {}
        }
      })
      yield* Effect.provideService(play({ ...life, steps: 10 }), LifeTransport, busy)
      assert.isAbove(connecting, 54)
    }).pipe(Effect.scoped, Effect.provide(layer(1)))
  )

  it.live.each([1, 2, 3, 4])("another process takes over cells at different steps (order %i)", (seed) =>
    Effect.gen(function* () {
      const options = seed % 2 === 0 ? brain : life
      const started = { ...options, speed: 1000, steps: Number.POSITIVE_INFINITY }
      yield* Effect.scoped(Effect.flatMap(GameDriver.start(started), (game) => reached(game, 20)))
      let witness: Witness | undefined
      const game = yield* GameDriver.start({
        ...options,
        resume: true,
        steps: 60,
        observe: (from) => {
          witness = new Witness(options, from)
          return witness.observe
        }
      })
      yield* game.done
      assert.isAtLeast(game.progress.from, 19)
      assert.isBelow(game.progress.from, 45)
      witness?.assertRight(60 - game.progress.from)
      assert.strictEqual(game.progress.step, 60)
    }).pipe(Effect.scoped, Effect.provide(layer(seed)))
  )

  it.live(
    "the last states of cells are published again if they are lost, and the game does not end before they arrive",
    () =>
      Effect.gen(function* () {
        const transport = yield* LifeTransport
        const arrived = new Set<string>()
        let left = 20
        const losing = LifeTransport.of({
          ...transport,
          unsafeConnect: (cell, onOpen, onFailure) =>
            transport.unsafeConnect(
              cell,
              (link) => {
                const handler = onOpen({
                  close: link.close,
                  send: (text) => {
                    const state = Protocol0.parseState(text)
                    if (state?.step !== life.steps) return link.send(text)
                    if (left-- > 0)
                      return handler.onClose({ code: CloseReason.Moved.code, reason: CloseReason.Moved.reason })
                    arrived.add(`${state.row} ${state.col}`)
                    link.send(text)
                  }
                })
                return handler
              },
              onFailure
            )
        })
        const witness = new Witness(life)
        const game = yield* GameDriver.start({ ...life, observe: () => witness.observe }).pipe(
          Effect.provideService(LifeTransport, losing)
        )
        yield* game.done
        witness.assertRight(life.steps)
        assert.strictEqual(arrived.size, topology.width * topology.height)
        assert.isBelow(left, 0)
      }).pipe(Effect.scoped, Effect.provide(layer(6)))
  )

  it.live("a game that another process starts ends this one", () =>
    Effect.gen(function* () {
      const game = yield* GameDriver.start({ ...life, steps: Number.POSITIVE_INFINITY })
      yield* game.running
      yield* GameDriver.start({ ...life, steps: 1 })
      const error = yield* Effect.flip(game.done)
      assert.strictEqual(error._tag, "GameClosed")
      assert.include(error.message, "4000")
    }).pipe(Effect.scoped, Effect.provide(layer(5)))
  )
})
