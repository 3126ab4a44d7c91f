import { assert, describe, it } from "@effect/vitest"
import { SignalCount } from "../../src/Cli/Signals.ts"

/** The numbers of signals that come at these times, in milliseconds. */
const numbers = (...times: ReadonlyArray<number>) => {
  const count = new SignalCount()
  return times.map((time) => count.take(time))
}

describe("signals", () => {
  it("signals that npm and tsx pass on count once", () => {
    assert.deepStrictEqual(numbers(0, 1, 20, 200), [1, undefined, undefined, undefined])
    assert.deepStrictEqual(numbers(0, 5, 300, 310), [1, undefined, 2, undefined])
  })

  it("signals are counted however fast they come", () => {
    const burst = numbers(...Array.from({ length: 30 }, (_, index) => index))
    assert.isAbove(burst.filter((number) => number !== undefined).length, 3)
    // The user holds the key down.
    const repeated = numbers(...Array.from({ length: 30 }, (_, index) => index * 33))
    assert.isAbove(repeated.filter((number) => number !== undefined).length, 3)
  })
})
