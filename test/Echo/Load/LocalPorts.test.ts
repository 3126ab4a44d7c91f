import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { LocalPorts } from "../../../src/Echo/Load/LocalPorts.ts"

const small = FastCheck.integer({ min: 1, max: 8 })

describe("LocalPorts", () => {
  it.prop(
    "LocalPorts are used once by all processes together before one is used again",
    [FastCheck.integer({ min: 8, max: 200 }), small],
    ([count, of]) => {
      const range = [1000, 1000 + count - 1] as const
      const given = Array.from({ length: of }, (_, index) => {
        const ports = new LocalPorts(range, { index, of })
        const own: Array<number> = []
        for (let port = ports.next("a"); !own.includes(port); port = ports.next("a")) own.push(port)
        return own
      }).flat()
      assert.deepStrictEqual(
        given.toSorted((a, b) => a - b),
        Array.from({ length: count }, (_, i) => 1000 + i)
      )
    }
  )

  it("LocalPorts are counted for each address", () => {
    const ports = new LocalPorts([1000, 1009], { index: 1, of: 2 })
    assert.deepStrictEqual([ports.next("a"), ports.next("a"), ports.next("b")], [1001, 1003, 1001])
  })
})
