import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Contender from "../Contender.ts"
import * as Driver from "../Driver.ts"
import { cpuPer, memory } from "../Metric.ts"
import { type Case, connections, type Point, type Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

/** Deliveries before the measurement, so that V8 has compiled the hot code. */
export const WARM_UP = 100_000

interface GameOptions {
  /** Goes on while the game is measured. */
  readonly disturb?: (port: number) => Effect.Effect<void, never, Scope.Scope>
  /** Deliveries before the measured ones. */
  readonly warmUp?: number
}

/** A lockstep game of size x size cells, `steps` for the fast; slower ones do proportionally fewer. */
export const game = (
  size: number,
  steps: number,
  watchers: number,
  point: Point,
  { disturb = () => Effect.void, warmUp = WARM_UP }: GameOptions = {}
): Case => ({
  points: [point],
  takesPart: Contender.relays,
  measure: (contender) =>
    Effect.gen(function* () {
      const server = yield* Server.start(contender)
      const ownSteps = Math.max(2, Math.round(steps / contender.slowness))
      const warmSteps = Math.min(steps, Math.ceil(warmUp / (8 * size * size)))
      const driver = yield* Driver.start("relay", [server.port, size, warmSteps, warmSteps + ownSteps, watchers])
      yield* driver.stage("warm")
      const before = yield* server.usage
      yield* disturb(server.port)
      const done = yield* driver.stage("done")
      const after = yield* server.usage
      return [
        {
          cpu: ((after.cpu - before.cpu) / done["deliveries"]!) * 1e6,
          steps: ownSteps / done["run_s"]!,
          memory: after.memory / 2 ** 20,
          growth: (after.memory - before.memory) / 2 ** 20
        }
      ]
    })
})

const metrics = [
  cpuPer("delivery"),
  { key: "steps", label: "steps", unit: "1/s", better: "higher", digits: 1 },
  memory
] as const

export const relay: Scenario = {
  name: "relay",
  title: "Relay",
  about:
    "A game in lockstep: every cell of a torus is a WebSocket that publishes its state to its eight neighbours " +
    "and to all watchers. It publishes the next state when it has received those of all eight. Each message that " +
    "a cell or a watcher receives is compared with a simulation that was made before. A delivery is one message " +
    "received by one client.",
  metrics,
  cases: (scale) =>
    scale === "quick"
      ? [game(16, 40, 1, { title: "16 × 16 cells, 1 watcher" })]
      : [
          game(32, 150, 0, { title: "32 × 32 cells, no watcher" }),
          game(32, 300, 1, { title: "32 × 32 cells, 1 watcher" }),
          game(32, 60, 10, { title: "32 × 32 cells, 10 watchers" }),
          game(100, 20, 0, { title: "100 × 100 cells, no watcher" })
        ]
}

/** Sizes whose squares are close to round numbers of connections, and numbers of steps for equal work. */
const growthSizes: ReadonlyArray<readonly [size: number, steps: number]> = [
  [32, 120],
  [45, 60],
  [71, 24],
  [100, 12]
]

export const relayGrowth: Scenario = {
  name: "relay-growth",
  title: "Relay: cost of a delivery as connections grow",
  about: "The same game with more and more cells. The number of deliveries stays about the same.",
  metrics,
  cases: (scale) =>
    (scale === "quick" ? growthSizes.slice(0, 2) : growthSizes).map(([size, steps]) =>
      game(size, scale === "quick" ? steps >> 3 : steps, 0, connections(size * size))
    )
}
