import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { KeptStates } from "../../../src/Server/Game/KeptStates.ts"

const CELLS = 6

const kept = (states: KeptStates) =>
  Array.from({ length: CELLS }, (_, cell) => {
    const all: Array<readonly [step: number, state: number]> = []
    states.each(cell, (...state) => all.push(state))
    return all
  })

const event = FastCheck.record({
  kind: FastCheck.constantFrom("generation", "generation", "generation", "one", "some", "look"),
  cell: FastCheck.nat(CELLS - 1),
  ahead: FastCheck.constantFrom(-1, 0, 1, 1, 2),
  seed: FastCheck.nat(1e6)
})

describe("KeptStates", () => {
  it.prop(
    "whole generations keep the same states as each cell by itself, whatever comes between them",
    [FastCheck.array(event, { maxLength: 40 })],
    ([events]) => {
      const [together, single] = [new KeptStates(CELLS, 2), new KeptStates(CELLS, 2)]
      let step = -1
      const cells = Uint32Array.from({ length: CELLS }, (_, cell) => cell)
      for (const { ahead, cell, kind, seed } of events) {
        if (kind === "look") assert.deepStrictEqual(kept(together), kept(single))
        else if (kind === "one")
          for (const each of [together, single]) each.keep(cell, Math.max(0, step + ahead), seed % 2)
        else {
          step += kind === "generation" ? 1 : Math.max(0, ahead)
          const states = Uint8Array.from(cells, (cell) => Math.imul(seed + cell, 0x9e3779b1) >>> 31)
          const steps = new Int32Array(CELLS).fill(step)
          const from = kind === "some" ? cell : 0
          const columns = { cells: cells.subarray(from), steps: steps.subarray(from), states: states.subarray(from) }
          together.keepAll(kind === "generation" ? { ...columns, generation: step } : columns)
          for (const each of cells.subarray(from)) single.keep(each, step, states[each]!)
        }
      }
      assert.deepStrictEqual(kept(together), kept(single))
      assert.deepStrictEqual(together.bytes(), single.bytes())
    }
  )
})
