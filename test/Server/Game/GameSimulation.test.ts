/** Nodes that share a game, simulated: with all rules no game goes wrong, and without any one of them some do. */
import { assert, describe, it } from "vitest"
import { rules } from "./SimulatedLog.ts"
import { problemOf } from "./Simulation.ts"

const GAMES = 1000
/** Under a loaded machine: alone they take a few seconds. */
const TIMEOUT = 120_000

describe("nodes that share a game", () => {
  it(
    `plays ${GAMES} times up to three games right, whatever dies, freezes, is cut off or comes late`,
    async () => {
      for (let seed = 0; seed < GAMES; seed++) assert.isUndefined(await problemOf({ seed }))
    },
    TIMEOUT
  )

  for (const left of rules)
    it(
      `goes wrong without the rule '${left}'`,
      async () => {
        for (let seed = 0; seed < GAMES; seed++) if ((await problemOf({ seed, left })) !== undefined) return
        assert.fail(`${GAMES} games went well without it`)
      },
      TIMEOUT
    )
})
