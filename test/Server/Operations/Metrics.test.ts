import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as MetricState from "effect/MetricState"
import * as TestClock from "effect/TestClock"
import { Game } from "../../../src/Server/Game/Game.ts"
import * as GameMetrics from "../../../src/Server/Game/GameMetrics.ts"
import { Metrics } from "../../../src/Server/Operations/Metrics.ts"
import { ServerConfig } from "../../../src/Server/ServerConfig.ts"
import { Reactor } from "../../../src/WebSocket/Connection/Reactor.ts"
import { begin, memoryGame } from "../Game/memoryGame.ts"

const server = GameMetrics.layer.pipe(
  Layer.provideMerge(Metrics.layer),
  Layer.provideMerge(Layer.mergeAll(memoryGame(), Reactor.layer())),
  Layer.provide(ServerConfig.layer())
)

/** The metrics that code finds that reads Effect's registry itself. */
const figure = (name: string): number | undefined => {
  const state = Metric.unsafeSnapshot().find(({ metricKey }) => metricKey.name === name)?.metricState
  if (MetricState.isCounterState(state)) return Number(state.count)
  return MetricState.isGaugeState(state) ? Number(state.value) : undefined
}

/** The state messages that all servers of this process have relayed. */
const relayed = (): number => figure("effect_c10k_relayed_messages_total") ?? 0

describe("Metrics", () => {
  it.scoped("Effect's registry has numbers that are at most ten seconds old, and the last ones at the end", () =>
    Effect.gen(function* () {
      const before = relayed()
      yield* Effect.scoped(
        Effect.gen(function* () {
          const context = yield* Layer.build(server)
          const publish = begin(Context.get(context, Game), { width: 3, height: 2, topology: "", stateCount: 2 })
          yield* Context.get(context, Metrics).text
          yield* TestClock.adjust("1 second")
          assert.strictEqual(figure("effect_c10k_grid_cells"), 6)
          assert.strictEqual(relayed() - before, 0)
          publish(0, 1, 1)
          assert.strictEqual(relayed() - before, 0)
          yield* TestClock.adjust("10 seconds")
          assert.strictEqual(relayed() - before, 1)
          publish(0, 2, 1)
          yield* Context.get(context, Metrics).text
          assert.strictEqual(relayed() - before, 2)
          publish(0, 3, 1)
        })
      )
      assert.strictEqual(relayed() - before, 3)
      assert.strictEqual(figure("effect_c10k_grid_cells"), 0)
    })
  )
})
