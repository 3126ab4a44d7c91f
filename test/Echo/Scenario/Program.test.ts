import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Program from "../../../src/Echo/Scenario/Program.ts"
import { original, type Scenario } from "../../../src/Echo/Scenario/Scenario.ts"

const options: Program.Options = { timeout: 1000, paced: false, lasts: false, files: new Map() }

const scenario = (...steps: Scenario["steps"]): Scenario => ({ ...original(0), steps })

const refusal = (steps: Scenario["steps"], changes: Partial<Program.Options> = {}) =>
  Either.getOrThrow(Either.flip(Program.compile(scenario(...steps), { ...options, ...changes }))).message

describe("Program", () => {
  it("Program flattens repeats into jumps", () => {
    const { depth, ops } = Either.getOrThrow(
      Program.compile(
        scenario({ repeat: { times: 2, steps: [{ wait: 1 }, { repeat: { times: 3, steps: [{ send: "a" }] } }] } }),
        options
      )
    )
    assert.strictEqual(depth, 2)
    assert.deepStrictEqual(
      ops.map((op) => op._tag),
      ["Connect", "Loop", "Round", "Wait", "Loop", "Round", "Send", "Jump", "Jump"]
    )
    assert.deepInclude(ops[7], { to: 5 })
    assert.deepInclude(ops[8], { to: 2 })
  })

  it("Program counts the messages of a round of the open-ended repeat", () => {
    const steps = [{ send: "a" }, { repeat: { times: 3, steps: [{ send: "b" }, { send: "c" }] } }]
    const program = Program.compile(scenario({ repeat: { steps } }), { ...options, paced: true, lasts: true })
    assert.deepStrictEqual(Either.getOrThrow(program).openEnded, { sends: 7 })
  })

  it("Program refuses what would never end, never pause, or never begin", () => {
    const endless = { repeat: { steps: [{ send: "a" }, { expect: "a" }] } }
    assert.include(refusal([endless]), "needs --duration")
    assert.include(refusal([{ repeat: { steps: [{ send: "a" }] } }], { lasts: true }), "never pauses")
    assert.include(refusal([{ send: "a" }], { lasts: true, paced: true }), "--rate needs a repeat without times")
    assert.include(refusal([endless, endless], { lasts: true }), "a second repeat without times")
    assert.include(refusal([{ repeat: { times: 2, steps: [endless] } }], { lasts: true }), "inside another repeat")
    assert.include(refusal([{ close: 1000 }, { send: "a" }]), "the connection ends here")
    assert.include(
      refusal([{ repeat: { times: 2, steps: [{ expect: { closed: 1000 } }] } }]),
      "make this step the last one"
    )
  })
})
