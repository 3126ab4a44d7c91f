import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { GameProgress } from "../../../src/Life/Game/GameProgress.ts"
import { MergedStates } from "../../../src/Life/Game/MergedStates.ts"
import { blockOf, blocksOf } from "../../../src/Life/Game/NodePlacement.ts"
import { Check } from "../../../src/Life/Referee/Check.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import { Simulator } from "../../../src/Life/Universe/Simulator.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"
import { random } from "./games.ts"

const WIDTH = 5
const HEIGHT = 4
const STEPS = 40
const PROCESSES = 4

interface Published {
  readonly process: number
  readonly packed: number
  readonly step: number
}

/** A right game of cells in lockstep, which advance in an order that `choose` decides. `first` is the step at which a cell begins. */
const publish = (choose: (count: number) => number, first: (cell: number) => number): ReadonlyArray<Published> => {
  const topology = Topology.torus(WIDTH, HEIGHT)
  const simulator = new Simulator(random(topology), Rule.life, topology)
  const frames = Array.from({ length: STEPS + 1 }, (_, step) => {
    if (step > 0) simulator.run(1)
    return simulator.grid().cells.slice()
  })
  const blocks = blocksOf(WIDTH, HEIGHT, PROCESSES)
  const cells = Array.from({ length: WIDTH * HEIGHT }, (_, cell) => cell)
  const neighbours = cells.map((cell) =>
    Topology.neighbours(topology, Rule.life.neighbourhood, Math.floor(cell / WIDTH), cell % WIDTH).map(
      ({ col, row }) => row * WIDTH + col
    )
  )
  const next = cells.map(first)
  const published: Array<Published> = []
  for (;;) {
    const able = cells.filter(
      (cell) => next[cell]! <= STEPS && neighbours[cell]!.every((each) => next[each]! >= next[cell]!)
    )
    if (able.length === 0) return published
    const cell = able[choose(able.length)]!
    const step = next[cell]!++
    const process = blockOf(blocks, WIDTH, HEIGHT, { row: Math.floor(cell / WIDTH), col: cell % WIDTH })
    published.push({ process, step, packed: cell * 256 + frames[step]![cell]! })
  }
}

/** Merges what was published; each process reports in its own order, as late as `choose` decides. Returns the referee and the progress. */
const merge = (all: ReadonlyArray<Published>, choose: (count: number) => number, resumes: boolean) => {
  const topology = Topology.torus(WIDTH, HEIGHT)
  const progress = new GameProgress(WIDTH, HEIGHT)
  let check: Check | undefined
  const merged = new MergedStates(WIDTH, HEIGHT, PROCESSES, resumes, progress, (from) => {
    const referee = new Check(random(topology), Rule.life, topology, from)
    check = referee
    progress.from = from
    return (step, row, col, state) => {
      progress.published(step, state)
      referee.receive(step, row, col, state)
    }
  })
  const waiting = Array.from({ length: PROCESSES }, (_, process) => all.filter((each) => each.process === process))
  for (;;) {
    const left = waiting.flatMap((queue, process) => (queue.length === 0 ? [] : [process]))
    if (left.length === 0) break
    const process = left[choose(left.length)]!
    const report = waiting[process]!.splice(0, 1 + choose(200))
    merged.take(process, Uint32Array.from(report.flatMap(({ packed, step }) => [packed, step])))
  }
  assert.isTrue(merged.isEmpty)
  assert.deepStrictEqual(check?.difference, Option.none())
  assert.strictEqual(progress.step, STEPS)
  return check?.frames
}

const chooser = (seed: number) => {
  let state = seed
  return (count: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * count)
  }
}

const seed = FastCheck.integer({ min: 0, max: 2 ** 32 - 1 })

describe("states that several processes report", () => {
  it.prop(
    "states that several processes report reach the referee in an order that is possible, however late a process reports",
    [seed],
    ([seed]) => {
      const choose = chooser(seed)
      const all = publish(choose, () => 0)
      assert.strictEqual(merge(all, choose, false), STEPS + 1)
    },
    { fastCheck: { numRuns: 30 } }
  )

  it.prop(
    "states that several processes report of a game that is taken over count from the highest of the cells' first steps",
    [seed],
    ([seed]) => {
      const choose = chooser(seed)
      // Neighbours may be a step apart.
      const all = publish(choose, (cell) => 7 + (cell % WIDTH === 2 ? 1 : 0))
      assert.strictEqual(merge(all, choose, true), STEPS + 1 - 8)
    },
    { fastCheck: { numRuns: 30 } }
  )
})
