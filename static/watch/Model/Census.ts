/** Says what an object on the grid is: still, an oscillator or a spaceship. It is looked at alone, on an endless plane. Pure. */
import * as Either from "effect/Either"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import * as RuleSyntax from "../../../src/Life/Universe/RuleSyntax.ts"
import { unknown } from "../../../src/Protocol/WatchProtocol.ts"
import type { Frame } from "./Model.ts"
import { keyOf, nameOf, onPlane, type Shape, shapeOf } from "./Objects.ts"
import type { Point } from "./Viewport.ts"

/** An object has at most this many living cells, and fits into a square of this side. */
const mostCells = 300
const mostSide = 64

/** A period is at most this many steps. */
const mostSteps = 64

/** Living cells belong together if another cell can be a neighbour of both. */
const reach = 2

/** What was found for an object before, because most of them return to a shape. */
const known = new Map<string, string>()
const mostKnown = 256

const steps = (count: number): string => `${count} ${count === 1 ? "step" : "steps"}`

/** The object that a living cell belongs to; `undefined` if it is too large. On joined edges it may lie across them. */
const objectAt = (frame: Frame, { x, y }: Point, isJoined: boolean): Shape | undefined => {
  const { height, states, width } = frame
  const isAlive = (index: number) => states[index] !== 0 && states[index] !== unknown
  // Places are relative to the first cell, so that an object across an edge stays in one piece.
  const found = new Map<string, { readonly x: number; readonly y: number; readonly state: number }>()
  const waiting: Array<Point> = [{ x, y }]
  const seen = new Set<number>([y * width + x])
  let [left, top, right, bottom] = [x, y, x, y]
  for (let cell = waiting.pop(); cell !== undefined; cell = waiting.pop()) {
    const at = (((cell.y % height) + height) % height) * width + (((cell.x % width) + width) % width)
    found.set(`${cell.x},${cell.y}`, { ...cell, state: states[at]! })
    left = Math.min(left, cell.x)
    right = Math.max(right, cell.x)
    top = Math.min(top, cell.y)
    bottom = Math.max(bottom, cell.y)
    if (found.size > mostCells || right - left >= mostSide || bottom - top >= mostSide) return undefined
    for (let dy = -reach; dy <= reach; dy++)
      for (let dx = -reach; dx <= reach; dx++) {
        const next = { x: cell.x + dx, y: cell.y + dy }
        const isInside = next.x >= 0 && next.y >= 0 && next.x < width && next.y < height
        if (!isInside && !isJoined) continue
        const index = (((next.y % height) + height) % height) * width + (((next.x % width) + width) % width)
        if (seen.has(index) || !isAlive(index)) continue
        seen.add(index)
        waiting.push(next)
      }
  }
  const shape = { width: right - left + 1, height: bottom - top + 1 }
  const cells = new Uint8Array(shape.width * shape.height)
  for (const each of found.values()) cells[(each.y - top) * shape.width + each.x - left] = each.state
  return { ...shape, cells }
}

/** The speed of a spaceship in the field's notation: `c/4 diagonally`, `2c/5`. */
const speedOf = (dx: number, dy: number, period: number): string => {
  const [far, near] = [Math.max(Math.abs(dx), Math.abs(dy)), Math.min(Math.abs(dx), Math.abs(dy))]
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))
  const common = divisor(far, period)
  const rate = `${far === common ? "" : far / common}c${period === common ? "" : `/${period / common}`}`
  return near === 0 ? rate : near === far ? `${rate} diagonally` : `${rate} obliquely`
}

/** What becomes of an object alone. */
const fate = (object: Shape, rule: Rule.Rule): string => {
  const simulator = onPlane(object, rule, mostSteps)
  const first = keyOf(object)
  const look = () => shapeOf(simulator.width, stateAt, simulator.width * simulator.height)
  const stateAt = (index: number) => simulator.stateAt(Math.floor(index / simulator.width), index % simulator.width)
  const begun = look()!
  const cells = object.cells.filter((state) => state !== 0).length
  for (let step = 1; step <= mostSteps; step++) {
    simulator.run(1)
    if (simulator.population === 0) return `an object that dies in ${steps(step)}`
    // Looking at all cells of the plane is dear.
    if (simulator.population !== cells) continue
    const now = look()!
    if (keyOf(now.shape) !== first) continue
    const [dx, dy] = [now.x - begun.x, now.y - begun.y]
    if (dx !== 0 || dy !== 0) return `a spaceship, ${speedOf(dx, dy, step)}, period ${step}`
    return step === 1 ? `a still life of ${cells} cells` : `an oscillator, period ${step}`
  }
  return `an object that changes: no period within ${steps(mostSteps)}`
}

/** Says what the cell of a whole generation belongs to; `undefined` if it is dead, or if the rule is not known or gives birth everywhere. */
export const describe = (generation: Frame, cell: Point, ruleText: string, isJoined: boolean): string | undefined => {
  const state = generation.states[cell.y * generation.width + cell.x]
  if (state === undefined || state === 0 || state === unknown) return undefined
  const rule = RuleSyntax.read(ruleText)
  if (Either.isLeft(rule) || Rule.hasBirthOnZero(rule.right)) return undefined
  const object = objectAt(generation, cell, isJoined)
  if (object === undefined) return "a large group of cells"
  const key = `${ruleText} ${keyOf(object)}`
  const found = known.get(key) ?? classify(object, rule.right)
  if (known.size >= mostKnown) known.clear()
  known.set(key, found)
  return found
}

const classify = (object: Shape, rule: Rule.Rule): string => {
  const what = fate(object, rule)
  const name = Rule.equals(rule, Rule.life) ? nameOf(object) : undefined
  return name === undefined ? what : `${name}, ${what}`
}
