import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { ClientValues } from "../../../src/Echo/Load/ClientValues.ts"
import * as Flow from "../../../src/Echo/Load/Flow.ts"
import { compile } from "../../../src/Echo/Load/LocalRun.ts"
import { NamedRecorder } from "../../../src/Echo/Measure/Named.ts"
import { turnsOf } from "../../../src/Echo/Scenario/ScenarioSet.ts"
import { plan } from "../plan.ts"

const CLIENTS = 48

/** Where each client of two scenarios connects to, and from where. */
const targets = (weights: readonly [number, number]) => {
  const { scenario } = plan(0)
  const scenarios = weights.map((weight, index) => ({ weight, scenario: { ...scenario, name: `s${index}` } }))
  const own = plan(0, {
    scenarios,
    clients: CLIENTS,
    urls: ["ws://a/", "ws://b/"],
    localAddresses: ["127.0.0.1", "127.0.0.2"],
    localPorts: [1000, 1999]
  })
  const programs = Either.getOrThrow(compile(own))
  const flowOf = Flow.make(own, programs, new NamedRecorder({ times: [], counts: [] }), () => () => () => {})
  return Array.from({ length: CLIENTS }, (_, index) => {
    const flow = flowOf(index + 1)
    const { local, url } = flow.targetOf(new ClientValues(index + 1, 1, Math.random, new Map()))
    return { scenario: flow, host: url.hostname, from: local?.address, port: local?.nextPort() }
  })
}

const counts = (keys: ReadonlyArray<unknown>): ReadonlyArray<number> => [
  ...keys.reduce<Map<unknown, number>>((sums, key) => sums.set(key, (sums.get(key) ?? 0) + 1), new Map()).values()
]

describe("the flows of a run", () => {
  it("the flows of a run share the ports of their source addresses", () => {
    const all = targets([1, 1]).map(({ from, port }) => `${from}:${port}`)
    assert.strictEqual(new Set(all).size, CLIENTS)
  })

  for (const weights of [
    [1, 1],
    [3, 1],
    [1, 2]
  ] as const) {
    it(`the flows of a run spread the clients of each scenario over urls and addresses: ${weights.join(" to ")}`, () => {
      const all = targets(weights)
      for (const scenario of new Set(all.map((each) => each.scenario))) {
        const own = all.filter((each) => each.scenario === scenario)
        const pairs = counts(own.map(({ from, host }) => `${from} ${host}`))
        assert.deepStrictEqual(
          pairs,
          Array.from({ length: 4 }, () => own.length / 4)
        )
      }
    })
  }

  it.prop(
    "the flows of a run give the clients of a scenario places without gaps",
    [FastCheck.array(FastCheck.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 })],
    ([weights]) => {
      const turns = turnsOf(weights)
      const places = weights.map(() => 0)
      for (let client = 1; client <= 100; client++) {
        const { place, scenario } = turns(client)
        assert.strictEqual(place, places[scenario]!++)
      }
    }
  )
})
