/** Every file of the library behaves as it says. The tests run the patterns to prove it. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type { Pattern } from "../../../src/Life/Pattern/Pattern.ts"
import type { PatternInfo } from "../../../src/Life/Pattern/PatternInfo.ts"
import { PatternLibrary } from "../../../src/Life/Pattern/PatternLibrary.ts"
import * as Placement from "../../../src/Life/Pattern/Placement.ts"
import * as Grid from "../../../src/Life/Universe/Grid.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import { Simulator } from "../../../src/Life/Universe/Simulator.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"
import * as TopologyText from "../../../src/Life/Universe/TopologyText.ts"
import * as unbounded from "../Universe/unbounded.ts"

interface Cells {
  readonly rows: ReadonlyArray<string>
  readonly top: number
  readonly left: number
}

/** The live part of a plane, and its place. */
const liveOf = (grid: Grid.Grid): Cells => {
  const rows = Grid.toRows(grid)
  const isFilled = (row: string) => /[^.]/.test(row)
  const top = rows.findIndex(isFilled)
  const filled = rows.slice(top, rows.findLastIndex(isFilled) + 1)
  const left = Math.min(...filled.map((row) => row.search(/[^.]|$/)))
  const right = Math.max(...filled.map((row) => row.replace(/\.+$/, "").length))
  return { rows: filled.map((row) => row.slice(left, right)), top, left }
}

const margin = 40

const onPlane = ({ grid, rule = Rule.life }: Pattern, margin: number) => {
  const topology = Topology.plane(grid.width + 2 * margin, grid.height + 2 * margin)
  const start = Either.getOrThrow(Placement.place(Grid.make(topology.width, topology.height), grid))
  return new Simulator(start, rule, topology)
}

/** The first step at which the pattern looks the same again, and how far it has moved. */
const recurrence = (pattern: Pattern, margin: number) => {
  const simulator = onPlane(pattern, margin)
  const start = liveOf(simulator.grid())
  for (;;) {
    simulator.run(1)
    const now = liveOf(simulator.grid())
    if (now.rows.join("/") === start.rows.join("/")) {
      return { period: simulator.generation, rows: now.top - start.top, cols: now.left - start.left }
    }
    assert.isBelow(simulator.generation, margin)
  }
}

const speedOf = ({ cols, period, rows }: ReturnType<typeof recurrence>): string => {
  const cells = Math.max(Math.abs(rows), Math.abs(cols))
  const divisor = Array.from({ length: cells }, (_, n) => cells - n).find((n) => cells % n === 0 && period % n === 0)!
  const direction = rows === 0 || cols === 0 ? "orthogonal" : "diagonal"
  if (direction === "diagonal") assert.strictEqual(Math.abs(rows), Math.abs(cols))
  return `${cells === divisor ? "" : cells / divisor}c/${period / divisor} ${direction}`
}

/** From this step on, the population grows by the same number in every period, for ever. */
const assertGrows = async (pattern: Pattern, period: number, from: number) => {
  const steps = Array.from({ length: 5 }, (_, n) => from + n * period)
  const populations = await unbounded.populations(pattern.grid, pattern.rule ?? Rule.life, steps)
  const growth = populations.slice(1).map((population, n) => population - populations[n]!)
  assert.isAbove(growth[0]!, 0)
  assert.deepStrictEqual(growth, new Array(growth.length).fill(growth[0]))
}

const verify: { readonly [kind: string]: (info: PatternInfo, pattern: Pattern) => void | Promise<void> } = {
  "Still life": (_, pattern) => {
    assert.deepStrictEqual(recurrence(pattern, margin), { period: 1, rows: 0, cols: 0 })
  },
  Oscillator: ({ period }, pattern) => {
    assert.deepStrictEqual(recurrence(pattern, margin + 10), { period, rows: 0, cols: 0 })
  },
  Spaceship: ({ period, speed }, pattern) => {
    const found = recurrence(pattern, margin)
    assert.strictEqual(found.period, period)
    assert.strictEqual(speedOf(found), speed)
  },
  Gun: ({ period }, pattern) => assertGrows(pattern, period!, 2 * period!),
  Rake: ({ period }, pattern) => assertGrows(pattern, period!, 10 * period!),
  Puffer: ({ period }, pattern) => assertGrows(pattern, period!, 1000),
  Methuselah: async ({ lifespan = 0 }, pattern) => {
    // Settled objects have period 1 or 2, and gliders keep their number of cells, so every second population is the same.
    const steps = Array.from({ length: 60 }, (_, n) => lifespan - 1 + n)
    const [before, ...after] = await unbounded.populations(pattern.grid, Rule.life, steps)
    after.forEach((population, n) => {
      assert.strictEqual(population, after[n % 2])
    })
    if (before !== after[1]) return
    // The last step before may change no number. Then, if nothing flies away, the cells tell.
    const simulator = onPlane(pattern, 2 * margin)
    const rowsAt = (step: number) => {
      simulator.run(step - simulator.generation)
      return Grid.toRows(simulator.grid()).join()
    }
    const [last, ash, next, again] = [-1, 0, 1, 2].map((n) => rowsAt(lifespan + n))
    assert.strictEqual(ash, again)
    assert.notStrictEqual(last, next)
  },
  Agar: ({ period }, { grid, topology }) => {
    const torus = Either.getOrThrow(TopologyText.sized(topology!, grid.width, grid.height))
    const simulator = new Simulator(grid, Rule.life, torus)
    do simulator.run(1)
    while (!Grid.equals(simulator.grid(), grid))
    assert.strictEqual(simulator.generation, period)
  },
  Replicator: ({ period }, pattern) => {
    const simulator = onPlane(pattern, 60)
    const shape = liveOf(simulator.grid()).rows
    const copies = () => {
      const rows = Grid.toRows(simulator.grid())
      return rows
        .flatMap((row, top) => Array.from(row, (_, left) => ({ top, left })))
        .filter(({ left, top }) => shape.every((part, n) => rows[top + n]?.slice(left, left + part.length) === part))
        .length
    }
    simulator.run(period!)
    assert.strictEqual(copies(), 2)
    simulator.run(2 * period!)
    assert.strictEqual(copies(), 4)
  }
}

layer(PatternLibrary.layer.pipe(Layer.provideMerge(NodeContext.layer)))("the library", (it) => {
  it.effect("every pattern behaves as its file says", () =>
    Effect.gen(function* () {
      const library = yield* PatternLibrary
      const patterns = yield* library.list
      assert.isAtLeast(patterns.length, 40)
      for (const { info, pattern } of patterns) {
        assert.isDefined(verify[info.kind], `${info.name}: "${info.kind}"`)
        yield* Effect.promise(async () => {
          try {
            await verify[info.kind]!(info, pattern)
          } catch (cause) {
            throw new Error(`${info.name} is no ${pattern.comments[0]}`, { cause })
          }
        })
      }
    })
  )

  it.effect("every pattern has a name, a line of explanation, and only its live cells", () =>
    Effect.gen(function* () {
      const library = yield* PatternLibrary
      for (const {
        info,
        pattern: { grid, name }
      } of yield* library.list) {
        assert.isDefined(name, info.name)
        assert.isNotEmpty(info.explanation, info.name)
        for (const line of info.explanation) assert.isAtMost(line.length, 110, info.name)
        const { rows } = liveOf(grid)
        if (info.kind !== "Agar") assert.deepStrictEqual([rows[0]!.length, rows.length], [info.width, info.height])
      }
    })
  )
})
