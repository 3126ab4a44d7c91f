/** Plays games through a transport and compares them with simulations. Each transport must pass this suite. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as GameDriver from "../../../src/Life/Game/GameDriver.ts"
import type { LifeTransport } from "../../../src/Life/Game/LifeTransport.ts"
import * as PatternText from "../../../src/Life/Pattern/PatternText.ts"
import * as Placement from "../../../src/Life/Pattern/Placement.ts"
import { Check } from "../../../src/Life/Referee/Check.ts"
import { Frames } from "../../../src/Life/Referee/Frames.ts"
import * as Grid from "../../../src/Life/Universe/Grid.ts"
import * as RandomStart from "../../../src/Life/Universe/RandomStart.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import * as RuleText from "../../../src/Life/Universe/RuleText.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"
import * as TopologyText from "../../../src/Life/Universe/TopologyText.ts"
import { agar, gosperGun } from "../Universe/oracles.ts"

export const fast: Omit<GameDriver.GameOptions, "start" | "topology"> = {
  rule: Rule.life,
  steps: 10,
  speed: Number.POSITIVE_INFINITY,
  connectRate: Number.POSITIVE_INFINITY,
  resume: false,
  giveUp: Number.POSITIVE_INFINITY
}

export const placed = (rle: string, topology: Topology.Topology, place?: Placement.Place): Grid.Grid => {
  const { grid } = Either.getOrThrow(PatternText.read(`x = 0, y = 0\n${rle}`, "oracle"))
  return Either.getOrThrow(Placement.place(Grid.make(topology.width, topology.height), grid, place))
}

export const random = (topology: Topology.Topology, seed = 7): Grid.Grid =>
  RandomStart.make({ width: topology.width, height: topology.height, seed, density: 0.4 })

/** What the cells of a game have published. */
export class Witness {
  readonly check: Check
  /** The population of each step, and the last complete frame. */
  readonly populations: Array<number> = []
  last: Grid.Grid
  readonly frames: Frames

  constructor(options: GameDriver.GameOptions, from = 0) {
    const { rule, start, topology } = options
    this.last = start
    this.check = new Check(start, rule, topology, from)
    this.frames = new Frames(
      start.width,
      start.height,
      (_, grid) => {
        this.populations.push(Grid.population(grid))
        this.last = { ...grid, cells: grid.cells.slice() }
      },
      from
    )
  }

  readonly observe = (step: number, row: number, col: number, state: Rule.State): void => {
    this.check.receive(step, row, col, state)
    this.frames.receive(step, row, col, state)
  }

  /** Every cell of every step up to this one was correct. */
  assertRight(steps: number): void {
    assert.deepStrictEqual(this.check.difference, Option.none())
    assert.strictEqual(this.check.frames, steps + 1)
  }
}

/** Plays a game to its last step, and compares every cell of every step with a simulation. */
export const play = Effect.fnUntraced(function* (
  game: Pick<GameDriver.GameOptions, "start" | "topology"> & Partial<GameDriver.GameOptions>
) {
  const options: GameDriver.GameOptions = { ...fast, ...game }
  const witness = new Witness(options)
  const { done, progress } = yield* GameDriver.start({ ...options, observe: () => witness.observe })
  yield* done
  witness.assertRight(options.steps)
  assert.strictEqual(progress.step, options.steps)
  assert.strictEqual(progress.population, witness.populations.at(-1))
  return witness
}, Effect.scoped)

const named = (text: string, width: number, height = width): Topology.Topology =>
  Either.getOrThrow(TopologyText.sized(Either.getOrThrow(TopologyText.parse(text)), width, height))

/** The tests of the driver, for any transport. */
export const suite = (name: string, transport: Layer.Layer<LifeTransport>): void => {
  const plays = (what: string, game: () => Effect.Effect<unknown, unknown, LifeTransport>) =>
    it.live(what, () => Effect.provide(game(), transport))

  describe(`games ${name}`, () => {
    plays("a glider comes back around a torus of 16 x 16 after 64 steps", () => {
      const topology = Topology.torus(16, 16)
      const start = placed("bo$2bo$3o!", topology)
      return Effect.map(play({ start, topology, steps: 64 }), ({ last }) => assert.isTrue(Grid.equals(last, start)))
    })

    plays("a pulsar has period 3", () => {
      const topology = Topology.torus(17, 17)
      const rle = "2b3o3b3o2$o4bobo4bo$o4bobo4bo$o4bobo4bo$2b3o3b3o2$2b3o3b3o$o4bobo4bo$o4bobo4bo$o4bobo4bo2$2b3o3b3o!"
      return Effect.map(play({ start: placed(rle, topology), topology, steps: 6 }), ({ populations }) =>
        assert.deepStrictEqual(populations, [48, 56, 72, 48, 56, 72, 48])
      )
    })

    plays("an agar fills a torus of 8 x 8, and has period 3", () => {
      const topology = Topology.torus(8, 8)
      return Effect.map(play({ start: placed(agar.rle, topology), topology, steps: 6 }), ({ populations }) =>
        assert.deepStrictEqual(populations, [24, 32, 32, 24, 32, 32, 24])
      )
    })

    plays("a Gosper gun makes a glider in 30 steps, on a plane that is not square", () => {
      const topology = Topology.plane(40, 24)
      const start = placed(gosperGun, topology, Placement.at(1, 1))
      return Effect.map(play({ start, topology, steps: 60 }), ({ populations }) =>
        assert.deepStrictEqual([populations[0], populations[30], populations[60]], [36, 41, 46])
      )
    })

    plays("a full torus of 2 x 2 dies: every direction counts", () => {
      const topology = Topology.torus(2, 2)
      return Effect.map(play({ start: placed("2o$2o!", topology), topology, steps: 3 }), ({ populations }) =>
        assert.deepStrictEqual(populations, [4, 0, 0, 0])
      )
    })

    plays("one cell alone on a torus dies of its eight neighbours", () => {
      const topology = Topology.torus(1, 1)
      return Effect.map(play({ start: placed("o!", topology), topology, steps: 3 }), ({ populations }) =>
        assert.deepStrictEqual(populations, [1, 0, 0, 0])
      )
    })

    plays("one cell alone on a plane, with nobody to hear", () => {
      const topology = Topology.plane(1, 1)
      return Effect.map(play({ start: placed("o!", topology), topology, steps: 3 }), ({ populations }) =>
        assert.deepStrictEqual(populations, [1, 0, 0, 0])
      )
    })

    plays("a glider of Star Wars comes back around a torus of 12 x 8, with its dying cells", () => {
      const topology = Topology.torus(12, 8)
      const rule = Either.getOrThrow(RuleText.parse("Star Wars"))
      const start = placed("CBA$CBA!", topology)
      return Effect.map(play({ start, topology, rule, steps: 12 }), ({ last, populations }) => {
        assert.isTrue(Grid.equals(last, start))
        assert.deepStrictEqual(populations, new Array(13).fill(6))
      })
    })

    plays("no step at all", () => {
      const topology = Topology.torus(4, 4)
      return play({ start: random(topology), topology, steps: 0 })
    })

    it.live.each([
      ["B3/S23", named("klein", 9, 6)],
      ["B3/S23", named("K6*+1,9", 6, 9)],
      ["B3/S23", named("cross-surface", 7, 5)],
      ["B3/S23", named("sphere", 8)],
      ["B3/S23", named("T9+2,7", 9, 7)],
      ["HighLife", named("torus", 12, 5)],
      ["B0123478/S01234678", named("plane", 9, 9)],
      ["B2/S34H", named("K8*,8", 8)],
      ["B13/S012V", named("torus", 7, 11)],
      ["Brian's Brain", named("torus", 12, 9)],
      ["345/2/4", named("K7*,6", 7, 6)],
      ["B2/S34/C255H", named("plane", 9, 8)],
      ["12/2-a/5", named("torus", 8, 8)],
      ["B3/S23", named("torus", 2, 9)],
      ["B3/S23", named("torus", 1, 6)]
    ] as const)("%s on %o", ([rule, topology]) =>
      Effect.provide(
        play({
          start: random(topology),
          topology,
          rule: Either.getOrThrow(RuleText.parse(rule)),
          steps: 20
        }),
        transport
      )
    )

    plays("one game after another, on the same server", () =>
      Effect.forEach([5, 3, 6], (size) => {
        const topology = Topology.torus(size, size)
        return play({ start: random(topology), topology })
      })
    )
  })
}
