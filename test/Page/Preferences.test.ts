import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { formatLink, parseLink, parsePreferences, rates } from "../../static/watch/Model/Preferences.ts"

const hundredths = (min: number, max: number) => FastCheck.integer({ min, max }).map((value) => value / 100)

const link = FastCheck.record({
  theme: FastCheck.constantFrom(undefined, "hue", "lag"),
  view: FastCheck.option(
    FastCheck.record({
      centre: FastCheck.record({ x: hundredths(0, 100_000), y: hundredths(0, 100_000) }),
      width: hundredths(1, 8_000),
      height: hundredths(1, 8_000)
    }),
    { nil: undefined }
  ),
  cell: FastCheck.option(FastCheck.record({ x: FastCheck.nat(999), y: FastCheck.nat(999) }), { nil: undefined })
})

describe("Preferences", () => {
  it.prop("a link reads back", [link], ([value]) => {
    assert.deepStrictEqual(parseLink(formatLink(value)), value)
  })

  it.prop("any hash is read without an error", [FastCheck.string()], ([hash]) => {
    parseLink(hash)
  })

  it("Preferences ignores malformed parts of a link", () => {
    const nothing = { theme: undefined, view: undefined, cell: undefined }
    for (const hash of ["", "#view=1,2,3", "#view=1,2,0,1", "#view=a,b,c,d", "#cell=1", "#cell=-1,2", "#cell=1.5,2"])
      assert.deepStrictEqual(parseLink(hash), nothing, hash)
  })

  it.prop(
    "preferences are complete, whatever is stored",
    [FastCheck.oneof(FastCheck.json(), FastCheck.string())],
    (values) => {
      const read = parsePreferences(values[0])
      assert.isTrue(rates.some(({ rate }) => rate === read.rate))
      assert.include(["system", "light", "dark"], read.appearance)
    }
  )

  it("stored preferences read back", () => {
    const stored = {
      appearance: "dark",
      theme: "age",
      rate: 0,
      isWhole: true,
      hasLines: false,
      isRepeated: false,
      announces: false
    }
    assert.deepStrictEqual<unknown>(parsePreferences(JSON.stringify(stored)), stored)
  })
})
