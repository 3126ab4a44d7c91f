import { assert, describe, it, vi } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { decode } from "../../src/Protocol/WatchDecoder.ts"
import { MAX_AGE } from "../../src/Protocol/WatchProtocol.ts"
import type { WatchCursor } from "../../src/Server/Watch/WatchCursor.ts"
import { WatchFeed } from "../../src/Server/Watch/WatchFeed.ts"
import { WatchState } from "../../src/Server/Watch/WatchState.ts"
import { Model } from "../../static/watch/Model/Model.ts"
import { Store } from "../../static/watch/Model/Store.ts"

const pages = 5

/** The possible events of a server and up to five pages. */
const event = FastCheck.oneof(
  {
    weight: 12,
    arbitrary: FastCheck.record({
      kind: FastCheck.constant("cells" as const),
      updates: FastCheck.array(
        FastCheck.tuple(
          FastCheck.nat(),
          FastCheck.oneof({ weight: 9, arbitrary: FastCheck.nat(3) }, FastCheck.nat(1e6)),
          FastCheck.nat(1)
        ),
        { maxLength: 30 }
      )
    })
  },
  {
    weight: 12,
    arbitrary: FastCheck.record({
      kind: FastCheck.constant("generations" as const),
      count: FastCheck.integer({ min: 1, max: 10 }),
      seed: FastCheck.nat()
    })
  },
  {
    weight: 1,
    arbitrary: FastCheck.record({
      kind: FastCheck.constant("reset" as const),
      width: FastCheck.integer({ min: 1, max: 9 }),
      height: FastCheck.integer({ min: 1, max: 9 })
    })
  },
  {
    weight: 3,
    arbitrary: FastCheck.record({ kind: FastCheck.constant("join" as const), page: FastCheck.nat(pages - 1) })
  },
  {
    weight: 2,
    arbitrary: FastCheck.record({ kind: FastCheck.constant("stall" as const), page: FastCheck.nat(pages - 1) })
  },
  {
    weight: 2,
    arbitrary: FastCheck.record({
      kind: FastCheck.constant("ask" as const),
      page: FastCheck.nat(pages - 1),
      request: FastCheck.oneof(
        FastCheck.constant({ _tag: "Pause" } as const),
        FastCheck.constant({ _tag: "Resume" } as const),
        FastCheck.constant({ _tag: "Whole" } as const),
        FastCheck.constant({ _tag: "Newest" } as const),
        FastCheck.record({ _tag: FastCheck.constant("Pace" as const), interval: FastCheck.constantFrom(0, 50, 200) })
      )
    })
  },
  {
    weight: 10,
    arbitrary: FastCheck.record({ kind: FastCheck.constant("turn" as const), elapsed: FastCheck.nat(200) })
  }
)

interface Page {
  model: Model
  cursor: WatchCursor
  isStalled: boolean
}

const assertEqual = (state: WatchState, model: Model) => {
  assert.strictEqual(model.game, state.game)
  assert.strictEqual(model.frame.width, state.width)
  assert.strictEqual(model.frame.height, state.height)
  assert.deepStrictEqual(model.frame.steps, state.steps)
  assert.deepStrictEqual(model.frame.states, state.states)
  state.steps.forEach((step, index) => {
    if (step >= 0) assert.strictEqual(model.frame.ages[index], Math.min(MAX_AGE, step - state.since[index]!))
  })
  assert.strictEqual(model.status?.population, state.states.filter((value) => value === 1).length)
  assert.strictEqual(model.status?.messages, state.messages)
}

describe("The steps of the model", () => {
  it("the range of the steps is what the server tells, but for whole generations, and from an older server what the cells say", () => {
    const state = new WatchState()
    state.reset(2, 1)
    for (const [cell, step] of [
      [0, 3],
      [1, 4]
    ] as const)
      state.record(cell, step, 1)
    const feed = new WatchFeed(state)
    const cursor = feed.join()
    feed.turn(0)
    const blocks = decode(feed.next(cursor, 0, true)!.message)!
    const model = new Model()
    model.apply(blocks)
    assert.deepStrictEqual(model.steps, { min: 3, max: 4 })
    const status = blocks.find(({ _tag }) => _tag === "Status")
    assert(status?._tag === "Status")
    model.apply([{ ...status, least: 5, greatest: 6 }])
    assert.deepStrictEqual(model.steps, { min: 5, max: 6 })
    model.wantsWhole = true
    assert.deepStrictEqual(model.steps, { min: 3, max: 4 })
    model.wantsWhole = false
    model.apply([{ ...status, least: -1, greatest: -1 }])
    assert.deepStrictEqual(model.steps, { min: 3, max: 4 })
  })
})

describe("Model", () => {
  it("a page that reads bits gets whole generations in an eighth of a byte for each cell, with the same ages and heats", () => {
    const [width, height] = [51, 29]
    const state = new WatchState()
    state.reset(width, height)
    const feed = new WatchFeed(state)
    const [long, short, rare] = [feed.join(), feed.join(), feed.join()].map((cursor) => ({
      ...{ cursor, model: new Model(), bytes: 0 }
    }))
    for (const page of [short!, rare!]) page.cursor.receive({ _tag: "Bits" })
    const cells = Uint32Array.from({ length: width * height }, (_, index) => index)
    for (let step = 0; step < 300; step++) {
      const states = Uint8Array.from(cells, (cell) => (cell % 3 === 0 ? 1 : Math.imul(cell + step, 0x9e3779b1) >>> 31))
      state.recordAll({ cells, states, steps: new Int32Array(cells.length).fill(step), generation: step })
      feed.turn(20 * step)
      // It gets from one to eight steps in a message.
      const isDue = step < 8 || step % 8 === 7 || step % 37 === 0
      for (const page of isDue ? [long!, short!, rare!] : [long!, short!]) {
        const message = feed.next(page.cursor, 20 * step, true)!.message
        if (step > 0) page.bytes += message.length
        assert.isTrue(page.model.apply(decode(message)!))
      }
      assert.deepStrictEqual(short!.model.frame, long!.model.frame)
      if (isDue) assert.deepStrictEqual(rare!.model.frame, short!.model.frame)
    }
    // The last figures are due.
    feed.turn(20_000)
    assert.isTrue(short!.model.apply(decode(feed.next(short!.cursor, 20_000, true)!.message)!))
    assertEqual(state, short!.model)
    assert.isBelow(short!.bytes, 0.15 * long!.bytes)
  })

  it.prop(
    "Model equals the server's state after any sequence of joins, updates, resets, stalls and pauses",
    [FastCheck.array(event, { maxLength: 60 })],
    ([events]) => {
      const state = new WatchState()
      // Is told the same, one state after the other.
      const twin = new WatchState()
      const feed = new WatchFeed(state)
      const open = new Map<number, Page>()
      let now = 0
      const turn = (elapsed: number) => {
        now += elapsed
        if (!feed.turn(now)) return
        for (const { cursor, isStalled, model } of open.values()) {
          const message = feed.next(cursor, now, !isStalled)?.message
          if (message !== undefined) assert.isTrue(model.apply(decode(message)!))
        }
      }
      for (const event of events) {
        switch (event.kind) {
          case "cells":
            if (state.steps.length === 0) break
            for (const [cell, ahead, value] of event.updates) {
              const index = cell % state.steps.length
              for (const each of [twin, state]) each.record(index, each.steps[index]! + ahead, value)
            }
            break
          case "generations":
            for (let seed = event.seed; seed < event.seed + event.count; seed++) {
              const step = 1 + Math.max(-1, ...state.steps)
              const states = state.states.map((_, index) => Math.imul(seed + index, 0x9e3779b1) >>> 31)
              const cells = Uint32Array.from(states, (_, index) => index)
              state.recordAll({ cells, states, steps: new Int32Array(states.length).fill(step), generation: step })
              for (const cell of cells) twin.record(cell, step, states[cell]!)
            }
            break
          case "reset":
            for (const each of [twin, state]) each.reset(event.width, event.height)
            break
          case "join": {
            const before = open.get(event.page)
            if (before !== undefined) feed.leave(before.cursor)
            // A page keeps its model when it connects again.
            open.set(event.page, { model: before?.model ?? new Model(), cursor: feed.join(), isStalled: false })
            if (event.page % 2 === 0) open.get(event.page)!.cursor.receive({ _tag: "Bits" })
            break
          }
          case "stall": {
            const page = open.get(event.page)
            if (page !== undefined) page.isStalled = !page.isStalled
            break
          }
          case "ask":
            open.get(event.page)?.cursor.receive(event.request)
            break
          case "turn":
            turn(event.elapsed)
        }
      }
      for (const page of open.values()) {
        page.isStalled = false
        page.cursor.receive({ _tag: "Resume" })
        page.cursor.receive({ _tag: "Newest" })
      }
      turn(5_000)
      turn(5_000)
      for (const { model } of open.values()) assertEqual(state, model)
      for (const key of ["births", "deaths", "messages", "population", "range", "since"] as const)
        assert.deepStrictEqual(state[key], twin[key], key)
      assert.deepStrictEqual(state.snapshot(), twin.snapshot())
    },
    { fastCheck: { numRuns: 500 } }
  )
})

describe("Store", () => {
  it("A store tells a part of the state at once, and of each change of its values, but not of equal or other ones", () => {
    const store = new Store({ link: "lost", speed: 1 })
    const reported: Array<string> = []
    store.on(["link"], ({ link, speed }) => reported.push(`${link} ${speed}`))
    store.set({ speed: 2 })
    store.set({ link: "lost", speed: 3 })
    store.set({ link: "open", speed: 4 })
    // A part may change what another one shows.
    store.on(["speed"], ({ speed }) => {
      if (speed < 6) store.set({ link: `at ${speed}`, speed: speed + 1 })
    })
    assert.deepStrictEqual(reported, ["lost 1", "open 4", "at 4 5", "at 5 6"])
    assert.deepStrictEqual(store.state, { link: "at 5", speed: 6 })
  })

  it("A store reports what a part throws, and tells the parts after it all the same", () => {
    const reports: Array<() => void> = []
    const spy = vi.spyOn(globalThis, "queueMicrotask").mockImplementation((report) => void reports.push(report))
    const store = new Store({ speed: 1 })
    store.on(["speed"], ({ speed }) => {
      if (speed > 1) throw new Error("not that fast")
    })
    const reported: Array<number> = []
    store.on(["speed"], ({ speed }) => reported.push(speed))
    store.set({ speed: 2 })
    spy.mockRestore()
    assert.deepStrictEqual(reported, [1, 2])
    assert.throws(() => reports[0]?.(), "not that fast")
  })
})
