import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { requestedPlan } from "../../../src/Cli/Demo/DemoGames.ts"
import type { GameChoice } from "../../../src/Cli/Game/GameOptions.ts"
import * as GamePlan from "../../../src/Cli/Game/GamePlan.ts"
import { PatternLibrary } from "../../../src/Life/Pattern/PatternLibrary.ts"
import * as Grid from "../../../src/Life/Universe/Grid.ts"
import * as RuleText from "../../../src/Life/Universe/RuleText.ts"
import * as TopologyText from "../../../src/Life/Universe/TopologyText.ts"
import type { GameRequest } from "../../../src/Protocol/Control.ts"

const library = PatternLibrary.layer.pipe(Layer.provide(NodeContext.layer))

const nothing: GameChoice = {
  size: Option.none(),
  width: Option.none(),
  height: Option.none(),
  patterns: [],
  at: [],
  rotate: [],
  flip: [],
  noCenter: false,
  noWrap: false,
  topology: Option.none(),
  rule: Option.none(),
  density: Option.none(),
  seed: Option.none(),
  symmetry: Option.none()
}

const plan = (choice: Partial<GameChoice>, existing?: GamePlan.ExistingGame) =>
  Effect.provide(GamePlan.make({ ...nothing, ...choice }, existing), library)

const rows = ({ start }: GamePlan.GamePlan) => Grid.toRows(start)

describe("the plan of a game", () => {
  it.effect("the plan of a game is a random start on a torus of 32 x 32 under Conway's rule by default", () =>
    Effect.gen(function* () {
      const made = yield* plan({ seed: Option.some(5) })
      assert.strictEqual(TopologyText.format(made.topology), "T32,32")
      assert.strictEqual(RuleText.format(made.rule), "B3/S23")
      assert.closeTo(Grid.population(made.start) / 1024, 1 / 4, 0.06)
      assert.deepStrictEqual(yield* plan({ seed: Option.some(5) }), made)
      assert.match(GamePlan.describe(made), /^32 x 32 cells, T32,32, B3\/S23; \d+ alive at random, --seed 5$/)
      const dense = yield* plan({ density: Option.some(1), size: Option.some(3) })
      assert.deepStrictEqual(rows(dense), ["OOO", "OOO", "OOO"])
    })
  )

  it.effect("the plan of a game has patterns in the centre, in the corner, or at a place, rotated and mirrored", () =>
    Effect.gen(function* () {
      const size = Option.some(5)
      assert.deepStrictEqual(rows(yield* plan({ patterns: ["blinker"], size })), [
        ".....",
        ".....",
        ".OOO.",
        ".....",
        "....."
      ])
      const corner = yield* plan({ patterns: ["blinker"], size, noCenter: true, rotate: ["90"] })
      assert.deepStrictEqual(rows(corner), ["O....", "O....", "O....", ".....", "....."])
      const two = yield* plan({
        patterns: ["glider", "glider"],
        width: Option.some(7),
        height: Option.some(3),
        at: ["0,0", "0,4"],
        flip: ["none", "horizontal"]
      })
      assert.deepStrictEqual(rows(two), ["OOO.OOO", "O.....O", ".O...O."])
      const same = yield* plan({ patterns: ["blinker", "blinker"], size, at: ["centre"], rotate: ["0", "90"] })
      assert.deepStrictEqual(rows(same), [".....", "..O..", ".OOO.", "..O..", "....."])
    })
  )

  it.effect("the plan of a game takes size, edges and rule from the pattern's file by default", () =>
    Effect.gen(function* () {
      const agar = yield* plan({ patterns: ["agar-p3"] })
      assert.strictEqual(TopologyText.format(agar.topology), "T8,8")
      const replicator = yield* plan({ patterns: ["replicator"] })
      assert.strictEqual(RuleText.format(replicator.rule), "B36/S23")
      const given = yield* plan({ patterns: ["replicator"], rule: Option.some("seeds"), noWrap: true })
      assert.strictEqual(RuleText.format(given.rule), "B2/S")
      assert.strictEqual(TopologyText.format(given.topology), "P32,32")
      const error = yield* Effect.flip(plan({ patterns: ["agar-p3"], size: Option.some(9) }))
      assert.include(error.message, "it is for 8 x 8 cells, but the grid has 9 x 9")
    })
  )

  it.effect("the plan of a game grows to fit its patterns, with room around them, if no size is given", () =>
    Effect.gen(function* () {
      const gosper = yield* plan({ patterns: ["gosper"] })
      assert.deepStrictEqual([gosper.start.width, gosper.start.height], [54, 54])
      assert.match(GamePlan.describe(gosper), /^54 x 54 cells \(grown to fit the pattern\), T54,54, B3\/S23; 36 alive$/)
      const far = yield* plan({ patterns: ["glider"], at: ["40,0"] })
      assert.strictEqual(far.start.height, 43 + 2 * 11)
      const wide = yield* plan({ patterns: ["gosper"], height: Option.some(20) })
      assert.deepStrictEqual([wide.start.width, wide.start.height], [54, 20])
      const small = yield* plan({ patterns: ["pulsar"] })
      assert.strictEqual(small.start.width, 32)
      assert.isFalse(small.isGrown)
      const error = yield* Effect.flip(plan({ patterns: ["gosper"], size: Option.some(32) }))
      assert.include(error.message, "does not fit on a grid of 32 x 32")
    })
  )

  it.effect("the plan of a game takes missing options from the game that the server holds", () =>
    Effect.gen(function* () {
      for (const [rule, stateCount] of [
        ["B3/S23", 2],
        ["B36/S23", 2],
        ["B2-a/S12", 2],
        ["345/2/4", 4]
      ] as const) {
        const existing = { width: 7, height: 4, topology: `${rule}:K7*,4`, stateCount }
        const made = yield* plan({}, existing)
        assert.strictEqual(TopologyText.format(made.topology), "K7*,4")
        assert.strictEqual(RuleText.format(made.rule), rule)
        yield* GamePlan.ensureSame(made, existing)
        const error = yield* Effect.flip(GamePlan.ensureSame(yield* plan({}), existing))
        assert.include(error.message, `a game of 7 x 4 (${rule}:K7*,4), not of 32 x 32 (B3/S23:T32,32)`)
      }
    })
  )

  it.effect(
    "the plan of a game takes the edges from a server that does not know the rule, and nothing from one that knows neither",
    () =>
      Effect.gen(function* () {
        const edges = { width: 7, height: 4, topology: "K7*,4", stateCount: 2 }
        const made = yield* plan({ rule: Option.some("HighLife") }, edges)
        assert.strictEqual(TopologyText.format(made.topology), "K7*,4")
        yield* GamePlan.ensureSame(made, edges)
        const unknown = { width: 7, height: 4, topology: "", stateCount: 2 }
        yield* GamePlan.ensureSame(yield* plan({ noWrap: true }, unknown), unknown)
      })
  )
})

describe("rules of more than two states", () => {
  it.effect("rules of more than two states can start from patterns with their states", () =>
    Effect.gen(function* () {
      const drawing = (rle: string, rule: string) =>
        Effect.provide(requestedPlan({ ...request, rule, start: { type: "cells", rle } }), library)
      const request: GameRequest = {
        width: 4,
        height: 3,
        rule: "",
        topology: "torus",
        speed: 5,
        start: { type: "random", density: 1 }
      }
      assert.deepStrictEqual(rows(yield* drawing("CBA$CBA!", "Star Wars")), ["CBA.", "CBA.", "...."])
      const { message } = yield* Effect.flip(drawing("CBA$CBA!", "Brian's Brain"))
      assert.include(
        message,
        "has cells in state 3, but the rule /2/3 has only 3 states: choose a rule with more states with --rule"
      )
    })
  )

  it.effect("rules of more than two states are not resumed by a rule with fewer states", () =>
    Effect.gen(function* () {
      const existing = { width: 5, height: 5, topology: "T5,5", stateCount: 4 }
      const made = yield* plan({ rule: Option.some("345/2/4") }, existing)
      yield* GamePlan.ensureSame(made, existing)
      assert.include(
        (yield* Effect.flip(GamePlan.ensureSame(yield* plan({}, existing), existing))).message,
        "the server holds a game of 5 x 5"
      )
    })
  )
})

describe("the game that a page asks for", () => {
  const request: GameRequest = {
    width: 4,
    height: 3,
    rule: "B3/S23",
    topology: "torus",
    speed: 5,
    start: { type: "cells", rle: "bo$2bo$3o!" }
  }
  const ask = (change: Partial<GameRequest>) => Effect.provide(requestedPlan({ ...request, ...change }), library)

  it.effect("a drawing, a pattern of the library, random cells", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(rows(yield* ask({})), [".O..", "..O.", "OOO."])
      const blinker = yield* ask({ start: { type: "pattern", name: "blinker" }, topology: "klein" })
      assert.deepStrictEqual(rows(blinker), ["....", "OOO.", "...."])
      assert.strictEqual(TopologyText.format(blinker.topology), "K4,3*")
      const full = yield* ask({ start: { type: "random", density: 1 } })
      assert.deepStrictEqual(rows(full), ["OOOO", "OOOO", "OOOO"])
    })
  )

  it.effect.each([
    [{ start: { type: "pattern", name: "/etc/passwd" } }, /no such pattern in the library/],
    [{ start: { type: "pattern", name: "-" } }, /no such pattern in the library/],
    [{ start: { type: "cells", rle: "9999999999o!" } }, /at most 65536 rows and columns|expected/],
    [{ start: { type: "cells", rle: "!" } }, /it is empty/],
    [{ rule: "B9" }, /Rule "B9"/],
    [{ topology: "sphere" }, /a sphere needs a width equal to its height/]
  ] as const)("the game that a page asks for is refused: %j", ([change, message]) =>
    Effect.map(Effect.flip(ask(change)), (error) => assert.match(error.message, message))
  )
})
