import { deflateRawSync, inflateRawSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { kind } from "../../../src/Protocol/Recording.ts"
import { BlockSplitter, RecordingReader } from "../../../src/Protocol/RecordingReader.ts"
import { Game } from "../../../src/Server/Game/Game.ts"
import { GameHistory, type RecordingLimits } from "../../../src/Server/History/GameHistory.ts"
import { History, inBudget } from "../../../src/Server/History/History.ts"
import { ServerConfig } from "../../../src/Server/ServerConfig.ts"
import { MemoryAccount, MemoryBudget, UNCOUNTED } from "../../../src/WebSocket/Connection/MemoryBudget.ts"
import { Reactor } from "../../../src/WebSocket/Connection/Reactor.ts"
import { begin, memoryGame } from "../Game/memoryGame.ts"

const everything: RecordingLimits = { bytes: Number.POSITIVE_INFINITY, steps: Number.POSITIVE_INFINITY }

const config = ServerConfig.layer({ history: { bytes: 1e6, steps: 1000 } })

const SIDE = 20

/** A state that deflate can't predict. */
const stateOf = (index: number, step: number): 0 | 1 =>
  ((Math.imul(index * 7919 + step, 2_654_435_761) >>> 13) & 1) as 0 | 1

/** A history in which every cell has a state for every step, with 10 ms for a step. */
const played = (steps: number, limits = everything) => {
  let now = 5000
  const history = new GameHistory(
    limits,
    (bytes) => deflateRawSync(bytes),
    () => now
  )
  history.reset({ width: SIDE, height: SIDE, topology: "B3/S23:T20,20", stateCount: 2 })
  play(history, 0, steps, () => {
    now += 10
  })
  return history
}

const play = (history: GameHistory, from: number, to: number, tick = () => {}) => {
  for (let step = from; step < to; step++) {
    for (let index = 0; index < SIDE * SIDE; index++) history.record(index, step, stateOf(index, step))
    history.write()
    tick()
  }
}

const blocksOf = (bytes: Uint8Array) =>
  new BlockSplitter()
    .take(bytes)
    .flatMap((block) => (block.kind === kind.packed ? new BlockSplitter().take(inflateRawSync(block.body)) : [block]))

/** Continues to read from a block. The states that a reader reports go to `told`. */
class Follower {
  readonly states: Array<readonly [index: number, step: number, state: number]> = []
  time = 0
  next: number
  readonly #reader: RecordingReader
  readonly #history: GameHistory

  constructor(history: GameHistory) {
    this.#history = history
    this.#reader = RecordingReader.of(new BlockSplitter().take(history.head()!)[0]!)
    this.next = history.begin
  }

  read(most: number): boolean {
    const part = this.#history.read(this.next, most)
    for (const bytes of part.bytes)
      for (const block of blocksOf(bytes))
        this.#reader.read(block, {
          state: (...state) => this.states.push(state),
          time: (time) => {
            this.time = time
          }
        })
    this.next = part.next
    return part.bytes.length > 0
  }

  readAll(most = 1 << 16): this {
    while (this.read(most));
    return this
  }

  get steps(): ReadonlyArray<number> {
    return [...new Set(this.states.map(([, step]) => step))]
  }
}

const isRight = ({ states }: Follower): boolean =>
  states.every(([index, step, state]) => state === stateOf(index, step))

describe("the history of a game", () => {
  it("the history of a game returns all states in order, with their times, from packed and open chunks", () => {
    const history = played(3000)
    const follower = new Follower(history).readAll()
    expect(follower.states.length).toBe(3000 * SIDE * SIDE)
    expect(isRight(follower)).toBe(true)
    expect(follower.time).toBe(2999 * 10)
  })

  it("the history of a game can be followed while it grows, whatever is packed meanwhile, without repeating or missing a state", () => {
    const history = played(10)
    const follower = new Follower(history)
    for (let step = 10; step < 3000; step++) {
      play(history, step, step + 1)
      // Small parts, and now and then far behind.
      if (step % 700 > 350) follower.read(1000)
    }
    follower.readAll()
    expect(follower.states.length).toBe(3000 * SIDE * SIDE)
    expect(isRight(follower)).toBe(true)
  })

  it("the history of a game drops the oldest steps beyond its limit, and returns all others", () => {
    const follower = new Follower(played(5000, { bytes: Number.POSITIVE_INFINITY, steps: 1000 })).readAll()
    const [first] = follower.steps
    expect(first).toBeGreaterThan(1000)
    expect(first).toBeLessThanOrEqual(4000)
    expect(follower.states.length).toBe((5000 - first!) * SIDE * SIDE)
    expect(isRight(follower)).toBe(true)
  })

  it("the history of a game drops the oldest bytes beyond its limit", () => {
    const all = new Follower(played(5000)).readAll()
    const some = new Follower(played(5000, { bytes: 10_000, steps: Number.POSITIVE_INFINITY })).readAll()
    expect(some.states.length).toBeLessThan(all.states.length)
    expect(some.states.at(-1)).toEqual(all.states.at(-1))
    expect(isRight(some)).toBe(true)
  })

  it("the history of a game counts in the memory budget, and is cut at its limit before others are given up", () => {
    const budget = new MemoryBudget(200_000)
    const client = new MemoryAccount(budget, { giveUp: () => expect.fail("a client was given up") })
    client.add(50_000)
    const pack = (bytes: Uint8Array) => deflateRawSync(bytes)
    const { history, release } = inBudget(budget, (memory) => new GameHistory(everything, pack, () => 5000, memory))
    history.reset({ width: SIDE, height: SIDE, topology: "", stateCount: 2 })
    let most = 0
    for (let step = 0; step < 5000; step++) {
      play(history, step, step + 1)
      expect(budget.used).toBe(50_000 + (history.bytes > UNCOUNTED ? history.bytes : 0))
      most = Math.max(most, budget.used)
    }
    expect(budget.givenUp).toBeGreaterThan(0)
    expect(most).toBeLessThanOrEqual(200_000)
    const follower = new Follower(history).readAll()
    expect(follower.steps.at(-1)).toBe(4999)
    expect(isRight(follower)).toBe(true)
    history.reset({ width: SIDE, height: SIDE, topology: "", stateCount: 2 })
    expect(budget.used).toBe(50_000)
    play(history, 0, 1000)
    release()
    expect(budget.used).toBe(50_000)
  })

  it("the history of a game whose keyframe takes more than the memory budget is cut alone, and no client is given up", () => {
    const budget = new MemoryBudget(10_000)
    const client = new MemoryAccount(budget, { giveUp: () => expect.fail("a client was given up") })
    client.add(5000)
    const pack = (bytes: Uint8Array) => deflateRawSync(bytes)
    const { history } = inBudget(budget, (memory) => new GameHistory(everything, pack, () => 5000, memory))
    const side = 110
    history.reset({ width: side, height: side, topology: "", stateCount: 2 })
    for (let step = 0; step < 5; step++) {
      for (let index = 0; index < side * side; index++) history.record(index, step, stateOf(index, step))
      history.write()
      expect(budget.used).toBe(5000 + (history.bytes > UNCOUNTED ? history.bytes : 0))
    }
    expect(budget.givenUp).toBeGreaterThan(0)
    const follower = new Follower(history).readAll()
    expect(follower.steps.at(-1)).toBe(4)
    expect(isRight(follower)).toBe(true)
  })

  it("the history of a game that is dropped before its newest states are written goes on with the right steps", () => {
    const history = played(3)
    const before = new Follower(history).readAll()
    history.record(0, 3, stateOf(0, 3))
    history.drop()
    for (let index = 1; index < SIDE * SIDE; index++) history.record(index, 3, stateOf(index, 3))
    play(history, 4, 6)
    const after = new Follower(history).readAll()
    before.readAll()
    for (const follower of [before, after]) {
      expect(isRight(follower)).toBe(true)
      expect(follower.steps.at(-1)).toBe(5)
    }
    expect(before.states.length).toBe(6 * SIDE * SIDE)
  })

  it.effect("the history of a game ends with its scope: what is recorded later is not kept and not counted", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const history = Context.get(yield* Layer.buildWithScope(History.layer, scope), History)
      const { memory } = yield* Reactor
      const publishOne = begin(yield* Game, { width: SIDE, height: SIDE, topology: "", stateCount: 2 })
      // A state of a cell that has one already writes all.
      const publish = (from: number, to: number) => {
        for (let step = from; step < to; step++)
          for (let index = 0; index < SIDE * SIDE; index++) publishOne(index, step, 1)
      }
      publish(0, 30)
      expect(memory.used).toBeGreaterThan(UNCOUNTED)
      const read = () => history.unsafeRead(0, Number.POSITIVE_INFINITY).next
      const end = read()
      yield* Scope.close(scope, Exit.void)
      expect(memory.used).toBe(0)
      publish(30, 60)
      yield* history.start
      expect(memory.used).toBe(0)
      expect(read()).toBe(end)
    }).pipe(Effect.provide(Layer.provideMerge(Layer.merge(memoryGame(), Reactor.layer()), config)))
  )

  it("the history of a game starts again with another game", () => {
    const history = played(100)
    const before = history.begin
    history.reset({ width: SIDE, height: SIDE, topology: "", stateCount: 2 })
    expect(history.begin).toBeGreaterThan(before)
    expect(history.head()).toBeUndefined()
    play(history, 0, 2)
    expect(new Follower(history).readAll().steps).toEqual([0, 1])
  })
})
