/** Nothing is lost when processes are killed, in short games. `npm run chaos` plays longer ones. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as LifeChaos from "./LifeChaos.ts"
import * as NodesChaos from "./NodesChaos.ts"

/** The faults that last only seconds. */
const kinds = NodesChaos.kinds.filter((kind) => kind !== "long frozen node")

describe("a game whose processes are killed and whose connections are cut", () => {
  it.live(
    "a game whose processes are killed and whose connections are cut ends with every cell of every step correct",
    () =>
      Effect.map(
        LifeChaos.run({ seed: 3, width: 9, height: 7, steps: 40, kills: 6, speed: 10 }),
        ({ life, server, sockets }) => assert.strictEqual(life + server + sockets, 6)
      )
  )

  it.live(
    "a game whose processes are killed and whose connections are cut ends in the same way on two nodes, with every kind of fault once",
    () =>
      Effect.map(
        NodesChaos.run({
          seed: 3,
          width: 8,
          height: 8,
          steps: 90,
          kills: kinds.length,
          speed: 5,
          nodes: 2,
          order: kinds
        }),
        ({ counts }) => assert.hasAllKeys(counts, [...kinds])
      )
  )
})
