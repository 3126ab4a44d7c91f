/** Simulates nodes that share a game: with all rules no game fails, and without any one rule some do. */
import { assert, describe, it } from "vitest"
import { rules } from "./SimulatedLog.ts"
import { problemOf } from "./Simulation.ts"

const GAMES = 1000

/** The test runner's messages need a turn of the event loop at least once a minute, also on a busy machine. */
const turn = (seed: number) => (seed % 20 === 0 ? new Promise((resolve) => setImmediate(resolve)) : undefined)

describe("nodes that share a game", () => {
  it(`nodes that share a game play ${GAMES} times up to three games correctly, whatever dies, freezes, is cut off or is late`, async () => {
    for (let seed = 0; seed < GAMES; seed++) {
      await turn(seed)
      assert.isUndefined(await problemOf({ seed }))
    }
  })

  for (const left of rules)
    it(`nodes that share a game fail without the rule '${left}'`, async () => {
      for (let seed = 0; seed < GAMES; seed++) {
        await turn(seed)
        if ((await problemOf({ seed, left })) !== undefined) return
      }
      assert.fail(`${GAMES} games went well without it`)
    })
})
