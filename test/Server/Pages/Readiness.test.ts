/** Whether a node is ready: each way in which it may not act on a log as it is now, for each of its logs. */
import { assert, describe, it } from "@effect/vitest"
import type { FoldHealth } from "../../../src/Server/Games/Games.ts"
import * as OperationsPages from "../../../src/Server/Pages/OperationsPages.ts"

const well = {
  connected: true,
  continuous: true,
  failed: false,
  isNewest: true,
  behind: 0,
  pending: 0,
  pendingBytes: 0
}

type Health = Partial<FoldHealth>

/** The problems that a log may have, and what the answer says of them. */
const problems: ReadonlyArray<readonly [Health, string]> = [
  [{ failed: true, connected: false }, "could not be read further"],
  [{ connected: false }, "can't be reached"],
  [{ continuous: false }, "was not read without a gap: waiting for a snapshot"],
  [{ isNewest: false }, "has a newer reset than this node knows of: restart it"],
  [{ behind: 2_001 }, "is 2 s ahead of this node"]
]

interface Node {
  readonly accepts?: boolean
  readonly game?: Health
  readonly list?: Health
  readonly named?: Health
}

/** Why a node with a game without a name, the list of games, and the game "red" is not ready. */
const problemOf = ({ accepts = true, game, list, named }: Node): string | undefined =>
  OperationsPages.problemOf(
    { unsafeIsReady: () => accepts },
    { unsafeHealth: () => ({ ...well, ...game }) },
    {
      unsafeHealth: () => [
        ["the list of games", { ...well, ...list }],
        ["the log of game red", { ...well, ...named }]
      ]
    }
  )

describe("a node", () => {
  it("a node is ready if it acts on all logs as they are, or a little behind", () => {
    assert.isUndefined(problemOf({}))
    assert.isUndefined(problemOf({ named: { behind: 2_000 } }))
  })

  it("a node is not ready if it accepts nobody", () => {
    assert.strictEqual(problemOf({ accepts: false }), "not accepting clients")
  })

  for (const [health, problem] of problems)
    it(`a node is not ready if any of its logs ${problem}`, () => {
      assert.strictEqual(problemOf({ game: health }), `the log of the game ${problem}`)
      assert.strictEqual(problemOf({ list: health }), `the list of games ${problem}`)
      assert.strictEqual(problemOf({ named: health }), `the log of game red ${problem}`)
    })
})
