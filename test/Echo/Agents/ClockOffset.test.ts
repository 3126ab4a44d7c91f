import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as ClockOffset from "../../../src/Echo/Agents/ClockOffset.ts"

describe("ClockOffset", () => {
  it("ClockOffset holds the true offset within its uncertainty, however uneven the ways are", () => {
    const way = FastCheck.integer({ min: 0, max: 300 })
    FastCheck.assert(
      FastCheck.property(
        FastCheck.integer({ min: -1e6, max: 1e6 }),
        FastCheck.array(FastCheck.tuple(way, way), { minLength: 1 }),
        (ahead, ways) => {
          const samples = ways.map(([there, back], index) => {
            const asked = 1000 * index
            return { asked, reported: asked + there + ahead, answered: asked + there + back }
          })
          const offset = ClockOffset.of(samples)
          assert.isAtMost(Math.abs(offset.ahead - ahead), offset.uncertainty)
          assert.isAtMost(offset.uncertainty, Math.min(...ways.map(([there, back]) => there + back)) / 2 + 1)
        }
      )
    )
  })

  it("ClockOffset tells how far clocks are apart, this machine's too", () => {
    const offsets = [
      { ahead: 5, uncertainty: 1 },
      { ahead: 12, uncertainty: 2 },
      { ahead: 8, uncertainty: 4 }
    ]
    assert.deepStrictEqual(ClockOffset.spread(offsets), { ahead: 12, uncertainty: 6 })
    assert.deepStrictEqual(ClockOffset.spread([{ ahead: -3, uncertainty: 1 }]), { ahead: 3, uncertainty: 1 })
  })

  it("ClockOffset tells a clock that was moved by more than was known of it", () => {
    const before = { ahead: 5, uncertainty: 2 }
    assert.isUndefined(ClockOffset.moved(before, { ahead: 8, uncertainty: 1 }))
    assert.strictEqual(ClockOffset.moved(before, { ahead: -995, uncertainty: 1 }), -1000)
  })
})
