import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Protocol0 from "../../src/Protocol/Protocol0.ts"

const number = FastCheck.oneof(FastCheck.nat(20), FastCheck.integer({ min: 0, max: Protocol0.MAX_NUMBER }))

const state = FastCheck.record({
  step: number,
  row: number,
  col: number,
  state: FastCheck.constantFrom(0 as const, 1 as const)
})

const reset = FastCheck.record({
  width: FastCheck.integer({ min: 1, max: 10_000_000 }),
  height: FastCheck.integer({ min: 1, max: 10_000_000 }),
  // A single "-" stands for no topology if the number of states follows.
  topology: FastCheck.stringMatching(/^[!-~]{0,40}$/).filter((topology) => topology !== "-"),
  stateCount: FastCheck.constantFrom(2, 3, 255)
})

/** Texts that are nearly valid, and some that are not at all. */
const odd = FastCheck.oneof(
  FastCheck.string(),
  FastCheck.array(
    FastCheck.constantFrom("0", "1", "12", "007", "-1", "+1", "1.5", "1e3", " ", "  ", "\t", "\n", "x", "sub"),
    {
      maxLength: 9
    }
  ).map((parts) => parts.join("")),
  FastCheck.array(FastCheck.constantFrom("0", "1", "12", "007", "9999999999", ""), { maxLength: 5 }).map((parts) =>
    parts.join(" ")
  )
)

describe("Protocol 0", () => {
  it.prop("state messages are parsed as they were formatted", [state], ([value]) => {
    const text = Protocol0.formatState(value.step, value.row, value.col, value.state)
    assert.deepStrictEqual(Protocol0.parseState(text), value)
  })

  it.prop(
    "bytes in the middle of others are read as the text that they are",
    [
      FastCheck.oneof(
        odd,
        state.map((one) => Protocol0.formatState(one.step, one.row, one.col, one.state))
      )
    ],
    ([text]) => {
      const bytes = Buffer.from(`1${text}1`, "latin1")
      assert.deepStrictEqual(Protocol0.parseState(bytes, 2, 1, 1 + text.length), Protocol0.parseState(text))
    }
  )

  it.prop("subscriptions are parsed as they were formatted", [number, number], ([row, col]) => {
    assert.deepStrictEqual(Protocol0.parseSubscription(Protocol0.formatSubscription(row, col)), { row, col })
  })

  it.prop("resets are parsed as they were formatted", [reset], ([value]) => {
    assert.deepStrictEqual(Protocol0.parseReset(Protocol0.formatReset(value)), value)
  })

  it("a reset with two states has the original format, and one with more has their number", () => {
    const game = { width: 4, height: 3, topology: "", stateCount: 2 }
    assert.strictEqual(Protocol0.formatReset(game), "4 3")
    assert.strictEqual(Protocol0.formatReset({ ...game, stateCount: 4 }), "4 3 - 4")
    assert.strictEqual(
      Protocol0.formatReset({ ...game, topology: "345/2/4:T4,3", stateCount: 4 }),
      "4 3 345/2/4:T4,3 4"
    )
    assert.deepStrictEqual(Protocol0.parseReset("4 3 -"), { ...game, topology: "-" })
  })

  it("a state must be less than the number of states", () => {
    assert.strictEqual(Protocol0.parseState("7 1 2 3", 4)?.state, 3)
    assert.isUndefined(Protocol0.parseState("7 1 2 4", 4))
    assert.isUndefined(Protocol0.parseState("7 1 2 03", 4))
    assert.strictEqual(Protocol0.parseState("7 1 2 254", 255)?.state, 254)
  })

  it.prop("only texts that it formats itself are parsed", [odd], ([text]) => {
    const message = Protocol0.parseState(text)
    if (message !== undefined)
      assert.strictEqual(Protocol0.formatState(message.step, message.row, message.col, message.state), text)
    const cell = Protocol0.parseSubscription(text)
    if (cell !== undefined) assert.strictEqual(Protocol0.formatSubscription(cell.row, cell.col), text)
    const asked = Protocol0.parseReset(text)
    if (asked === undefined) return
    const { height, stateCount, topology, width } = asked
    // A square with its height, and two states with their number, have a shorter format.
    const long = [`${width} ${height}`, `${width} ${height} ${topology === "" ? "-" : topology} ${stateCount}`]
    assert.include([Protocol0.formatReset(asked), ...long], text)
  })

  for (const text of [
    "",
    "0",
    "0 0",
    "0 0 0",
    "0 0 0 2",
    "0 0 0 1 ",
    " 0 0 0 1",
    "0  0 0 1",
    "00 0 0 1",
    "-1 0 0 1",
    "0 0 0 01",
    "1073741824 0 0 1",
    "0 0 0 1\n",
    "x 0 0 1"
  ])
    it(`"${text}" is no state`, () => assert.isUndefined(Protocol0.parseState(text)))

  for (const text of [
    "",
    "0",
    "-1",
    "1.5",
    "abc",
    "032",
    " 3",
    "3 ",
    "1e3",
    "3 0",
    "3 x",
    "3 3 a b",
    "3 3 a 0",
    "3 3 a 03",
    "３",
    "1".repeat(400)
  ])
    it(`"${text.slice(0, 20)}" is no reset`, () => assert.isUndefined(Protocol0.parseReset(text)))
})
