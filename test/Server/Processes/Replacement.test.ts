import { expect, it } from "@effect/vitest"
import { nextReplacement } from "../../../src/Server/Processes/Supervisor.ts"

/** The delays after processes with these lifetimes. */
const delays = (lives: ReadonlyArray<number>): ReadonlyArray<number> => {
  let soonEnded = 0
  return lives.map((lived) => {
    const [count, delay] = nextReplacement(soonEnded, lived)
    soonEnded = count
    return delay
  })
}

it("replaces a process at once, and waits longer while its successors end soon", () => {
  expect(delays([500, 500, 500, 500, 500, 500, 500, 500, 500, 500])).toEqual([
    0, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000
  ])
})

it("starts again after a process that lived long", () => {
  expect(delays([500, 500, 500, 60_000, 500])).toEqual([0, 100, 200, 0, 100])
})
