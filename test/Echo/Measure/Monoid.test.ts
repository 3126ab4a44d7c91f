import { assert, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Monoid from "../../../src/Echo/Measure/Monoid.ts"

it("record sums the members of the same name, whatever the name is", () => {
  const { combine, empty } = Monoid.record(Schema.Number, Monoid.add)
  const names = ["a", "constructor", "toString", "__proto__"]
  const one = Object.fromEntries(names.map((name) => [name, 1]))
  const two = combine(combine(empty, one), one)
  assert.deepStrictEqual(
    Object.entries(two),
    names.map((name) => [name, 2])
  )
})
