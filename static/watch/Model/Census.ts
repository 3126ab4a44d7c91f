/** Says what an object on the grid is: still, an oscillator or a spaceship. It is looked at alone, on an endless plane. Pure. */
import * as Either from "effect/Either"
import * as Grid from "../../../src/Life/Universe/Grid.ts"
import * as Objects from "../../../src/Life/Universe/Objects.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import * as RuleText from "../../../src/Life/Universe/RuleText.ts"
import { UNKNOWN } from "../../../src/Protocol/WatchProtocol.ts"
import type { Frame } from "./Model.ts"
import { nameOf } from "./ObjectNames.ts"
import { commonDivisor } from "./Rhythm.ts"
import type { Point } from "./Viewport.ts"

/** An object has at most this many living cells, and fits into a square of this side. */
const limit = { cells: 300, side: 64 }

/** A period is at most this many steps. */
const MOST_STEPS = 64

/** What was found for an object before, because most of them return to a shape. */
const known = new Map<string, string>()
const MOST_KNOWN = 256

const steps = (count: number): string => `${count} ${count === 1 ? "step" : "steps"}`

/** The object that a living cell belongs to; `undefined` if it is too large. On joined edges it may lie across them. */
const objectAt = ({ height, states, width }: Frame, { x, y }: Point, isJoined: boolean): Grid.Grid | undefined => {
  const grid = { width, height, cells: states }
  const isSeen = new Uint8Array(states.length)
  const group = Objects.groupAt(grid, y * width + x, isJoined, Objects.REACH, isSeen, limit)
  return group && Objects.gridOf(group)
}

/** The speed of a spaceship in the field's notation: `c/4 diagonally`, `2c/5`. */
const speedOf = (dx: number, dy: number, period: number): string => {
  const [far, near] = [Math.max(Math.abs(dx), Math.abs(dy)), Math.min(Math.abs(dx), Math.abs(dy))]
  const common = commonDivisor(far, period)
  const rate = `${far === common ? "" : far / common}c${period === common ? "" : `/${period / common}`}`
  return near === 0 ? rate : near === far ? `${rate} diagonally` : `${rate} obliquely`
}

/** What becomes of an object alone. */
const fate = (object: Grid.Grid, rule: Rule.Rule): string => {
  const simulator = Objects.alone(Objects.placesOf(object), object, rule, MOST_STEPS)
  const begun = Objects.cut(simulator.grid())
  const cells = Grid.population(object)
  for (let step = 1; step <= MOST_STEPS; step++) {
    simulator.run(1)
    if (simulator.population === 0) return `an object that dies in ${steps(step)}`
    // Looking at all cells of the plane is dear.
    if (simulator.population !== cells) continue
    const now = Objects.cut(simulator.grid())
    if (!Grid.equals(now.grid, object)) continue
    const [dx, dy] = [now.col - begun.col, now.row - begun.row]
    if (dx !== 0 || dy !== 0) return `a spaceship, ${speedOf(dx, dy, step)}, period ${step}`
    return step === 1 ? `a still life of ${cells} cells` : `an oscillator, period ${step}`
  }
  return `an object that changes: no period within ${steps(MOST_STEPS)}`
}

/** Says what the cell of a whole generation belongs to; `undefined` if it is dead, or if the rule is not known or gives birth everywhere. */
export const describe = (generation: Frame, cell: Point, ruleText: string, isJoined: boolean): string | undefined => {
  const state = generation.states[cell.y * generation.width + cell.x]
  if (state === undefined || state === 0 || state === UNKNOWN) return undefined
  const rule = RuleText.read(ruleText)
  if (Either.isLeft(rule) || Rule.hasBirthOnZero(rule.right)) return undefined
  const object = objectAt(generation, cell, isJoined)
  if (object === undefined) return "a large group of cells"
  const key = `${ruleText} ${Objects.keyOf(object)}`
  const found = known.get(key) ?? classify(object, rule.right)
  if (known.size >= MOST_KNOWN) known.clear()
  known.set(key, found)
  return found
}

const classify = (object: Grid.Grid, rule: Rule.Rule): string => {
  const what = fate(object, rule)
  const name = Rule.equals(rule, Rule.life) ? nameOf(object) : undefined
  return name === undefined ? what : `${name}, ${what}`
}
