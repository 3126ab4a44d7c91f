/** Arbitrary rules, topologies and grids for properties. */
import * as FastCheck from "effect/FastCheck"
import type * as Grid from "../../src/Life/Universe/Grid.ts"
import * as Hensel from "../../src/Life/Universe/Hensel.ts"
import { counts, directions, type Neighbourhood } from "../../src/Life/Universe/Neighbourhood.ts"
import * as Rule from "../../src/Life/Universe/Rule.ts"
import * as Topology from "../../src/Life/Universe/Topology.ts"
import { MAX_STATES } from "../../src/Protocol/Protocol0.ts"

const totalistic: FastCheck.Arbitrary<Rule.Rule> = FastCheck.constantFrom<Neighbourhood>(
  "Moore",
  "VonNeumann",
  "Hexagonal"
).chain((neighbourhood) => {
  const counts = FastCheck.subarray(Array.from({ length: directions[neighbourhood].length + 1 }, (_, n) => n))
  return FastCheck.tuple(counts, counts).map(([birth, survival]) => Rule.make(birth, survival, neighbourhood))
})

const half: FastCheck.Arbitrary<Hensel.Conditions> = FastCheck.tuple(
  ...counts.map((count) => FastCheck.subarray([...Hensel.everyWay(count)]))
).map((ways) => new Map(ways.map((letters, count) => [count, new Set(letters)] as const)))

/** Hensel's rules: any set of arrangements of neighbours. */
const isotropic: FastCheck.Arbitrary<Rule.Rule> = FastCheck.tuple(half, half).map(([born, survives]) =>
  Rule.isotropic((state, mask) => Hensel.isMet(state === 0 ? born : survives, mask))
)

const twoStates: FastCheck.Arbitrary<Rule.Rule> = FastCheck.oneof(totalistic, isotropic)

/** Rules with more than two states. The number of states is small, so that cells reach all of them in a few steps. */
const generations: FastCheck.Arbitrary<Rule.Rule> = FastCheck.tuple(
  twoStates,
  FastCheck.oneof(FastCheck.integer({ min: 3, max: 6 }), FastCheck.constant(MAX_STATES))
).map(([rule, states]) => Rule.withStates(rule, states))

export const rule: FastCheck.Arbitrary<Rule.Rule> = FastCheck.oneof(twoStates, generations)

const axis = FastCheck.constantFrom<Topology.Axis>("horizontal", "vertical")

export const topology = (maxSide: number): FastCheck.Arbitrary<Topology.Topology> => {
  const side = FastCheck.integer({ min: 1, max: maxSide })
  return FastCheck.tuple(side, side, axis, FastCheck.nat()).chain(([width, height, axis, n]) => {
    const length = axis === "horizontal" ? width : height
    const shift = (n % (2 * length - 1)) - (length - 1)
    return FastCheck.constantFrom(
      Topology.plane(width, height),
      Topology.torus(width, height),
      shift === 0 ? Topology.torus(width, height) : Topology.make({ _tag: "Torus", axis, shift }, width, height),
      Topology.make({ _tag: "Klein", axis, shifted: false }, width, height),
      Topology.make({ _tag: "Klein", axis, shifted: length % 2 === 0 }, width, height),
      Topology.make({ _tag: "CrossSurface" }, width, height),
      Topology.make({ _tag: "Sphere" }, width, width)
    )
  })
}

const gridOf = (width: number, height: number, states = 2): FastCheck.Arbitrary<Grid.Grid> =>
  FastCheck.uint8Array({ minLength: width * height, maxLength: width * height, max: states - 1 }).map((cells) => ({
    width,
    height,
    cells
  }))

export const grid = (maxSide: number, states = 2): FastCheck.Arbitrary<Grid.Grid> =>
  FastCheck.tuple(FastCheck.integer({ min: 1, max: maxSide }), FastCheck.integer({ min: 1, max: maxSide })).chain(
    ([width, height]) => gridOf(width, height, states)
  )

/** A game: a grid on a topology under a rule. */
export interface World {
  readonly grid: Grid.Grid
  readonly rule: Rule.Rule
  readonly topology: Topology.Topology
}

const worldUnder = (rule: FastCheck.Arbitrary<Rule.Rule>, maxSide: number): FastCheck.Arbitrary<World> =>
  FastCheck.tuple(topology(maxSide), rule).chain(([topology, rule]) =>
    FastCheck.record({
      grid: gridOf(topology.width, topology.height, rule.states),
      rule: FastCheck.constant(rule),
      topology: FastCheck.constant(topology)
    })
  )

export const world = (maxSide: number): FastCheck.Arbitrary<World> => worldUnder(rule, maxSide)

export const lifeWorld = (maxSide: number): FastCheck.Arbitrary<World> =>
  worldUnder(FastCheck.constant(Rule.life), maxSide)

export const generationsWorld = (maxSide: number): FastCheck.Arbitrary<World> => worldUnder(generations, maxSide)
