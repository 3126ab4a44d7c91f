import * as path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Contender } from "../../bench/Contender.ts"
import { measureScenario } from "../../bench/Measure.ts"
import { peers } from "../../bench/Peers.ts"
import type { Case, Scenario } from "../../bench/Scenario.ts"
import { fanOut } from "../../bench/scenarios/FanOut.ts"
import { game, relay } from "../../bench/scenarios/Relay.ts"
import { need } from "../need.ts"

const ws = peers.find(({ name }) => name === "ws")!

const altering = (fault: string): Contender => ({
  name: fault,
  title: fault,
  slowness: 1,
  server: (port) => ({
    command: "node",
    args: [path.join(import.meta.dirname, "altering-server.js"), port, fault],
    cwd: import.meta.dirname
  })
})

const scenario = (...cases: ReadonlyArray<Case>): Scenario => ({ ...relay, cases: () => cases })
const small = scenario(game(8, 40, 0, { title: "8 × 8" }))

describe("a measurement, with real processes", () => {
  for (const one of [scenario(game(8, 40, 1, { title: "8 × 8" })), fanOut]) {
    it.scopedLive(`a measurement, with real processes, has plausible figures: ${one.name}`, () =>
      Effect.gen(function* () {
        need("gcc")
        const runs = one === fanOut ? 1 : 2
        const result = yield* measureScenario(one, [ws], runs, "quick", () => Effect.void)
        const [contender] = result.cases[0]!.contenders
        assert.isUndefined(contender!.failure)
        for (const { key } of one.metrics) {
          const { median, samples } = contender!.figures[key]!
          assert.lengthOf(samples, runs)
          assert.isAbove(median, 0, key)
        }
      })
    )
  }

  for (const [fault, expected] of [
    ["flip", /wrong message: \d+ \d+ \d+ [01]/],
    ["twice", /got twice|got step/],
    ["close", /the server closed connection|broke while sending/]
  ] as const) {
    it.scopedLive(
      `a measurement, with real processes, fails on a server that does ${fault}, once, and says what was wrong`,
      () =>
        Effect.gen(function* () {
          need("gcc")
          const result = yield* measureScenario(small, [altering(fault), ws], 1, "quick", () => Effect.void)
          const [faulty, right] = result.cases[0]!.contenders
          assert.match(faulty!.failure ?? "", expected)
          assert.deepStrictEqual(faulty!.figures, {})
          assert.lengthOf(right!.figures["cpu"]!.samples, 1)
        })
    )
  }

  it.scopedLive("a measurement, with real processes, fails on a server that cannot start, with its output", () =>
    Effect.gen(function* () {
      const broken: Contender = {
        ...altering(""),
        server: () => ({ command: "node", args: ["-e", "throw new Error('no port')"], cwd: "/" })
      }
      const result = yield* measureScenario(small, [broken], 1, "quick", () => Effect.void)
      assert.match(result.cases[0]!.contenders[0]!.failure ?? "", /ended with status 1: (.|\n)*no port/)
    })
  )
})
