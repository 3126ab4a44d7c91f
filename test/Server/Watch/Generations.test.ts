import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { decode } from "../../../src/Protocol/WatchDecoder.ts"
import { MAX_AGE } from "../../../src/Protocol/WatchProtocol.ts"
import { WatchFeed } from "../../../src/Server/Watch/WatchFeed.ts"
import { WatchState } from "../../../src/Server/Watch/WatchState.ts"

const cells = 6
const steps = 60

/**
 * The states of every cell at every step, and the order in which the cells send them: never more than `spread` steps
 * apart.
 */
const play = FastCheck.record({
  stateCount: FastCheck.constantFrom(2, 2, 3, 255),
  states: FastCheck.array(
    FastCheck.array(FastCheck.oneof(FastCheck.nat(1), FastCheck.nat(254)), { minLength: steps, maxLength: steps }),
    {
      minLength: cells,
      maxLength: cells
    }
  ),
  order: FastCheck.array(FastCheck.nat(cells - 1), { minLength: 40, maxLength: 400 }),
  spread: FastCheck.integer({ min: 1, max: 29 })
})

/** The steps for which a cell has been in the state that it has at `step`. */
const ageOf = (states: ReadonlyArray<number>, step: number): number => {
  let age = 0
  while (age < step && states[step - age - 1] === states[step]) age++
  return age
}

describe("Generations", () => {
  it.prop(
    "a watcher that asks for whole generations gets each as it was, in any order of messages",
    [play],
    (values) => {
      const [{ order, spread, stateCount, states: drawn }] = values
      const states = drawn.map((all) => all.map((state) => state % stateCount))
      const state = new WatchState()
      state.reset(cells, 1, "", stateCount)
      const feed = new WatchFeed(state)
      const cursor = feed.join()
      cursor.receive({ _tag: "Whole" })
      const reached = new Array<number>(cells).fill(-1)
      let seen = -1
      let now = 0
      for (const cell of order) {
        const next = reached[cell]! + 1
        if (next >= steps || next > Math.min(...reached) + spread) continue
        reached[cell] = next
        state.record(cell, next, states[cell]![next]!)
        now += 20
        if (!feed.turn(now)) continue
        const message = feed.next(cursor, now, true)?.message
        const whole = Math.min(...reached)
        for (const block of message === undefined ? [] : decode(message)!) {
          if (block._tag !== "Cells") continue
          assert.isUndefined(block.indices)
          assert.strictEqual(block.base, whole)
          assert.isAbove(block.base, seen)
          seen = block.base
          assert.deepStrictEqual(
            [...block.values],
            states.map((all) => 1 + all[whole]!)
          )
          // The age of a cell that is ahead is at most the number of its kept states.
          for (const [index, age] of block.ages.entries()) {
            const exact = Math.min(MAX_AGE, ageOf(states[index]!, whole))
            assert.isAtMost(age, exact)
            if (reached[index] === whole || exact < 30 - spread) assert.strictEqual(age, exact)
          }
        }
        assert.strictEqual(seen, whole)
      }
    }
  )

  it.prop(
    "generations that come whole leave the same states, steps and ages as those that come cell by cell, whatever cells go on alone after them",
    [
      FastCheck.array(
        FastCheck.oneof(
          // Often more than are kept of a cell.
          FastCheck.record({
            kind: FastCheck.constant("whole" as const),
            count: FastCheck.integer({ min: 1, max: 40 })
          }),
          FastCheck.record({
            kind: FastCheck.constant("cell" as const),
            cell: FastCheck.nat(38),
            count: FastCheck.integer({ min: 1, max: 12 })
          }),
          FastCheck.constant({ kind: "compare" } as const)
        ),
        { maxLength: 12 }
      ),
      FastCheck.nat()
    ],
    ([events, seed]) => {
      const count = 39
      const cellNumbers = Uint32Array.from({ length: count }, (_, index) => index)
      // Most cells stay as they are, so ages differ.
      const stateOf = (cell: number, step: number) =>
        Math.imul(seed + 39 * (step >> (cell % 5)) + cell, 0x9e3779b1) >>> 31
      const [whole, single] = [new WatchState(), new WatchState()]
      for (const each of [whole, single]) each.reset(count, 1)
      const feeds = [new WatchFeed(whole), new WatchFeed(single)]
      let now = 0
      /** What a watcher gets that comes now. */
      const firstCells = (feed: WatchFeed) => {
        const cursor = feed.join()
        feed.turn(now)
        const message = feed.next(cursor, now, true)!.message
        feed.leave(cursor)
        return decode(message)?.find(({ _tag }) => _tag === "Cells")
      }
      const compare = () => {
        now += 20
        assert.deepStrictEqual(firstCells(feeds[0]!), firstCells(feeds[1]!))
        for (const figure of ["population", "births", "deaths", "messages"] as const)
          assert.strictEqual(whole[figure], single[figure])
        assert.deepStrictEqual(whole.range, single.range)
        const [found, expected] = [whole, single].map((each) => each.generations.generation(each.steps, each.since))
        assert.deepStrictEqual(found, expected)
      }
      const goOn = (step: number) => {
        const states = Uint8Array.from(cellNumbers, (cell) => stateOf(cell, step))
        const steps = new Int32Array(count).fill(step)
        whole.recordAll({ cells: cellNumbers, states, steps, generation: step })
        for (const cell of cellNumbers) single.record(cell, step, states[cell]!)
      }
      const aloneOn = (cell: number) => {
        const step = single.steps[cell]! + 1
        for (const each of [whole, single]) each.record(cell, step, stateOf(cell, step))
      }
      for (const event of events) {
        if (event.kind === "compare") compare()
        else
          for (let time = 0; time < event.count; time++)
            if (event.kind === "whole") goOn(1 + Math.max(-1, ...single.steps))
            else aloneOn(event.cell)
      }
      compare()
      assert.deepStrictEqual(whole.steps, single.steps)
    },
    { fastCheck: { numRuns: 300 } }
  )

  it("there is none while a cell is too far ahead, and the newest one when the others have caught up", () => {
    const state = new WatchState()
    state.reset(2, 1)
    const feed = new WatchFeed(state)
    const cursor = feed.join()
    cursor.receive({ _tag: "Whole" })
    const bases = (now: number) => {
      assert.isTrue(feed.turn(now))
      const message = feed.next(cursor, now, true)?.message
      return (message === undefined ? [] : decode(message)!).flatMap((block) =>
        block._tag === "Cells" ? [block.base] : []
      )
    }
    for (let step = 0; step <= 40; step++) state.record(0, step, 1)
    for (let step = 0; step <= 5; step++) state.record(1, step, 1)
    assert.deepStrictEqual(bases(100), [])
    for (let step = 6; step <= 20; step++) state.record(1, step, 1)
    assert.deepStrictEqual(bases(200), [20])
    // A new game begins at step 0 again.
    state.reset(2, 1)
    assert.deepStrictEqual(bases(300), [])
    state.record(0, 0, 1)
    state.record(1, 0, 1)
    assert.deepStrictEqual(bases(400), [0])
  })
})
