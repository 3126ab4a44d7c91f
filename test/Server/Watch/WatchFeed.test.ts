import { assert, describe, it } from "@effect/vitest"
import { decode } from "../../../src/Protocol/WatchDecoder.ts"
import { WatchFeed } from "../../../src/Server/Watch/WatchFeed.ts"
import { WatchState } from "../../../src/Server/Watch/WatchState.ts"
import * as Frame from "../../../src/WebSocket/Frames/Frame.ts"

/** A feed of a game of four cells, with a turn every 20 ms. */
const make = () => {
  const state = new WatchState()
  state.reset(4, 1)
  const feed = new WatchFeed(state)
  let now = 0
  const turn = () => {
    now += 20
    assert.isTrue(feed.turn(now))
    return now
  }
  return { state, feed, turn }
}

const tags = (bytes: Uint8Array) => decode(bytes)?.map(({ _tag }) => _tag)

describe("WatchFeed", () => {
  it("watchers that know the same get the same message, framed once", () => {
    const { feed, state, turn } = make()
    const watchers = [feed.join(), feed.join(), feed.join()]
    const whole = feed.join()
    whole.receive({ _tag: "Whole" })
    for (let step = 0; step < 3; step++) {
      for (let cell = 0; cell < 4; cell++) state.record(cell, step, step % 2)
      const now = turn()
      const messages = watchers.map((cursor) => feed.next(cursor, now, true))
      assert.isDefined(messages[0])
      for (const message of messages) assert.strictEqual(message, messages[0])
      assert.strictEqual(messages[0]?.frame, Frame.ofMessage(messages[0]!.message))
      assert.notStrictEqual(feed.next(whole, now, true), messages[0])
    }
  })

  /** Which of these times end a turn, with a change before each. */
  const turnsAt = (times: ReadonlyArray<number>, isWhole: boolean) => {
    const { feed, state } = make()
    feed.join()
    return times.map((now, step) => {
      state.record(0, step, step % 2)
      return feed.turn(now, isWhole)
    })
  }

  it("a timer that fires a millisecond early gives a turn, and one that fires twice does not", () => {
    assert.deepStrictEqual(turnsAt([100, 107, 114, 121, 128], false), [true, false, true, false, true])
  })

  it("a whole generation ends a turn when it comes, also after a late one, and no more often in a second than a timer", () => {
    assert.deepStrictEqual(turnsAt([100, 115, 134, 145, 160], true), [true, true, true, true, true])
    const each = Array.from({ length: 1_000 }, (_, now) => now)
    assert.strictEqual(turnsAt(each, true).filter(Boolean).length, turnsAt(each, false).filter(Boolean).length)
  })

  it("a turn in which nothing changed does not delay a change", () => {
    const { feed, state } = make()
    feed.join()
    state.record(0, 0, 1)
    assert.deepStrictEqual([feed.turn(100), feed.turn(115)], [true, true])
    state.record(0, 1, 0)
    assert.isTrue(feed.turn(116))
  })

  it("the figures have the lowest and the highest step once every cell has one", () => {
    const { feed, state, turn } = make()
    const watcher = feed.join()
    const reported = () => {
      // Figures are due every 100 ms.
      for (let turns = 0; turns < 5; turns++) turn()
      const status = decode(feed.next(watcher, turn(), true)!.message)?.find(({ _tag }) => _tag === "Status")
      assert(status?._tag === "Status")
      return [status.least, status.greatest]
    }
    state.record(0, 7, 1)
    assert.deepStrictEqual(reported(), [-1, -1])
    for (const cell of [1, 2, 3]) state.record(cell, 6, 1)
    assert.deepStrictEqual(reported(), [6, 7])
    state.reset(1, 1)
    state.record(0, 0, 1)
    assert.deepStrictEqual(reported(), [0, 0])
  })

  it("a watcher that asked for gaps gets the same cells in half the bytes, shared with others like it", () => {
    const state = new WatchState()
    state.reset(100, 100)
    const feed = new WatchFeed(state)
    const [plain, short, other] = [feed.join(), feed.join(), feed.join()]
    for (const cursor of [short, other]) cursor.receive({ _tag: "Gaps" })
    const reported = (cursor: typeof plain, now: number) => feed.next(cursor, now, true)!.message
    const cellsOf = (message: Uint8Array) => {
      const block = decode(message)!.find(({ _tag }) => _tag === "Cells")
      assert(block?._tag === "Cells")
      return new Map(Array.from(block.values, (value, k) => [block.indices?.[k] ?? k, [value, block.ages[k]]]))
    }
    for (let step = 0; step < 3; step++) {
      // Not in order.
      for (let k = 0; k < 1_500; k++) state.record((k * 7_919) % 10_000, step, k % 2)
      assert.isTrue(feed.turn(20 * step))
      const [long, brief] = [reported(plain, 20 * step), reported(short, 20 * step)]
      assert.deepStrictEqual(cellsOf(brief), cellsOf(long))
      assert.strictEqual(reported(other, 20 * step), brief)
      if (step > 0) assert.isBelow(brief.length, 0.55 * long.length)
    }
  })

  it("if more than a few are behind by different turns, the others share one snapshot with the figures", () => {
    const { feed, state, turn } = make()
    const watchers = Array.from({ length: 8 }, () => feed.join())
    state.record(1, 0, 0)
    let now = turn()
    for (const cursor of watchers) feed.next(cursor, now, true)
    for (let step = 0; step < 10; step++) {
      state.record(0, step, step % 2)
      now = turn()
      // The watchers fall behind one after the other.
      for (const cursor of watchers.slice(step + 1)) feed.next(cursor, now, true)
    }
    const messages = new Set(watchers.map((cursor) => feed.next(cursor, now, true)?.message))
    assert.strictEqual(messages.size, 5)
    assert.deepStrictEqual(tags([...messages].at(-1)!), ["Cells", "Status"])
    for (const cursor of watchers) assert.isUndefined(feed.next(cursor, now, true))
  })

  it("figures are sent when the phase changes, otherwise ten times a second, and after 5 s without a change", () => {
    const { feed, state, turn } = make()
    const cursor = feed.join()
    const figures = () => {
      const message = feed.next(cursor, turn(), true)
      return message !== undefined && tags(message.message)!.includes("Status")
    }
    assert.isTrue(figures())
    state.setCounts(1, 0)
    assert.isFalse(figures())
    state.setPhase("running")
    assert.isTrue(figures())
    state.setCounts(2, 0)
    assert.deepStrictEqual(Array.from({ length: 6 }, figures), [false, false, false, false, true, false])
    assert.strictEqual(Array.from({ length: 500 }, figures).filter(Boolean).length, 2)
  })
})
