import { afterEach, assert, beforeEach, describe, it, vi } from "@effect/vitest"
import { every } from "../../src/Time/SharedInterval.ts"

describe("intervals", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }))
  afterEach(() => void vi.useRealTimers())

  it("intervals of the same length share one timer, which ends with the last of them", () => {
    const called: Array<string> = []
    const ends = ["a", "b"].map((name) => every(100, () => called.push(name)))
    const endOther = every(200, () => called.push("other"))
    assert.strictEqual(vi.getTimerCount(), 2)
    vi.advanceTimersByTime(100)
    assert.deepStrictEqual(called.splice(0), ["a", "b"])
    endOther()
    ends[0]!()
    ends[0]!()
    vi.advanceTimersByTime(100)
    assert.deepStrictEqual(called.splice(0), ["b"])
    ends[1]!()
    assert.strictEqual(vi.getTimerCount(), 0)
    // A new one has a timer of its own.
    const end = every(100, () => called.push("new"))
    vi.advanceTimersByTime(100)
    assert.deepStrictEqual(called, ["new"])
    end()
    assert.strictEqual(vi.getTimerCount(), 0)
  })
})
