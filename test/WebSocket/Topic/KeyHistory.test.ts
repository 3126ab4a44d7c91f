import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { defaults, KeyHistory } from "../../../src/WebSocket/Topic/KeyHistory.ts"
import type { HistoryLimits, Missed } from "../../../src/WebSocket/Topic/KeyStream.ts"

const opened = (limits: HistoryLimits | undefined, all = {}) => {
  const history = new KeyHistory(() => limits, { ...defaults, ...all })
  history.epoch = "e"
  return history
}

const texts = (missed: Missed) =>
  missed._tag === "Gap" ? "Gap" : missed.publications.map(({ message, offset }) => `${offset}${message}`)

describe("the history of keys", () => {
  it("the history of keys drops by number, by bytes and by age, and says so", () => {
    const few = opened({ messages: 2 })
    for (const text of ["a", "b", "c"]) few.append("k", text, 0)
    assert.deepStrictEqual(texts(few.range("k", {}, 0)), ["2b", "3c"])
    assert.strictEqual(texts(few.missed("k", { epoch: "e", offset: 0 }, 0)), "Gap")
    assert.deepStrictEqual(texts(few.missed("k", { epoch: "e", offset: 1 }, 0)), ["2b", "3c"])

    const small = opened({ messages: 100, bytes: 200 })
    for (const text of ["a", "b", "c", "d"]) small.append("k", text, 0)
    assert.deepStrictEqual(texts(small.range("k", {}, 0)), ["2b", "3c", "4d"])

    const brief = opened({ messages: 100, age: "1 second" })
    brief.append("k", "a", 1000)
    brief.append("k", "b", 1500)
    assert.deepStrictEqual(texts(brief.range("k", {}, 2001)), ["2b"])
    assert.strictEqual(texts(brief.missed("k", { epoch: "e", offset: 0 }, 2001)), "Gap")
    brief.append("k", "c", 2400)
    assert.deepStrictEqual(texts(brief.range("k", {}, 2400)), ["2b", "3c"])
  })

  it("the history of keys keeps nothing of a key without limits, but counts its messages", () => {
    const history = opened(undefined)
    history.append("k", "a", 0)
    assert.deepStrictEqual(history.position("k"), { epoch: "e", offset: 1 })
    assert.deepStrictEqual(texts(history.missed("k", { epoch: "e", offset: 1 }, 0)), [])
    assert.strictEqual(texts(history.missed("k", { epoch: "e", offset: 0 }, 0)), "Gap")
  })

  it("the history of keys gives a key that was forgotten another epoch, so no old position fits", () => {
    const history = opened({ messages: 5 }, { keys: 2 })
    history.append("a", "1", 0)
    const before = history.position("a")
    history.append("b", "1", 0)
    history.append("c", "1", 0)
    history.append("a", "2", 0)
    assert.strictEqual(history.position("a").offset, 1)
    assert.notStrictEqual(history.position("a").epoch, before.epoch)
    assert.strictEqual(texts(history.missed("a", before, 0)), "Gap")
    assert.deepStrictEqual(texts(history.missed("c", { epoch: "e", offset: 0 }, 0)), ["11"])
  })

  it("the history of keys forgets a key a day after its last message, and drops what is too old, as time passes in the entries", () => {
    const history = opened({ messages: 5, age: "1 minute" })
    history.append("k", "1", 1000)
    const before = history.position("k")
    history.pass(1000 + defaults.remember)
    assert.deepStrictEqual(history.position("k"), before)
    history.pass(1000 + defaults.remember + 20_000)
    assert.strictEqual(history.position("k").offset, 0)
    assert.notStrictEqual(history.position("k").epoch, before.epoch)
  })

  it("the history of keys keeps at most so many bytes of all keys, and drops first what was silent for longest", () => {
    const history = opened({ messages: 5 }, { bytes: 200 })
    for (const key of ["a", "b", "c", "d"]) history.append(key, "1", 0)
    assert.deepStrictEqual(
      ["a", "b", "c", "d"].map((key) => texts(history.range(key, {}, 0))),
      [[], ["11"], ["11"], ["11"]]
    )
    assert.strictEqual(texts(history.missed("a", { epoch: "e", offset: 0 }, 0)), "Gap")
  })

  it("the history of keys is the same after a snapshot, whatever comes next", () => {
    const entries = FastCheck.array(
      FastCheck.record({
        key: FastCheck.constantFrom("a", "b", "c", "d"),
        message: FastCheck.oneof(FastCheck.string(), FastCheck.uint8Array()),
        step: FastCheck.integer({ min: 0, max: 20_000 })
      })
    )
    FastCheck.assert(
      FastCheck.property(entries, entries, (before, after) => {
        const make = () => opened({ messages: 3, bytes: 300, age: 30_000 }, { keys: 3, bytes: 600, remember: 40_000 })
        const [whole, saved] = [make(), make()]
        let now = 0
        const feed = (history: KeyHistory, all: typeof before) => {
          for (const { key, message, step } of all) {
            now += step
            history.append(key, message, now)
          }
        }
        feed(whole, before)
        saved.restore(JSON.parse(JSON.stringify(whole.save())))
        const then = now
        feed(whole, after)
        now = then
        feed(saved, after)
        assert.deepStrictEqual(saved.save(), whole.save())
      })
    )
  })
})
