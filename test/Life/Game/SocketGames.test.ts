/** The driver over real sockets. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Topology from "../../../src/Life/Universe/Topology.ts"
import { placed, play, suite } from "./games.ts"
import { layer } from "./SocketRelay.ts"

suite("over sockets", layer)

describe("long games over sockets", () => {
  it.live("an R-pentomino for 150 steps on a torus of 24 x 24", () => {
    const topology = Topology.torus(24, 24)
    return Effect.map(
      Effect.provide(play({ start: placed("b2o$2o$bo!", topology), topology, steps: 150 }), layer),
      ({ populations }) => assert.deepStrictEqual(populations.slice(0, 7), [5, 6, 7, 9, 8, 9, 12])
    )
  })
})
