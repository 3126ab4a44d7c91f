import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import { Check } from "../../../src/Life/Referee/Check.ts"
import type { State } from "../../../src/Life/Universe/Rule.ts"
import * as arbitraries from "../arbitraries.ts"
import * as plain from "../plain.ts"

const steps = 5

/** The states that the cells of a world publish in some steps, in a random order that keeps each cell's own order. */
const messages = (world: arbitraries.World) => {
  const { grid, rule, topology } = world
  const out: Array<{ step: number; row: number; col: number; state: State }> = []
  let frame = grid
  for (let step = 0; step <= steps; step++) {
    frame.cells.forEach((state, index) => {
      out.push({ step, row: Math.floor(index / grid.width), col: index % grid.width, state })
    })
    frame = plain.step(frame, rule, topology)
  }
  return out
}

const big = arbitraries.world(6).filter(({ grid }) => grid.width + grid.height > steps)

const feed = (world: arbitraries.World, stream: Iterable<ReturnType<typeof messages>[number]>) => {
  const check = new Check(world.grid, world.rule, world.topology)
  for (const { col, row, state, step } of stream) check.receive(step, row, col, state)
  return check
}

describe("Check", () => {
  it.prop(
    "Check finds nothing in a correct game, in any order and with repetitions",
    [big, FastCheck.infiniteStream(FastCheck.nat(1_000_000))],
    ([world, choices]) => {
      const mail = messages(world)
      const shuffled: typeof mail = []
      while (mail.length > 0) {
        const choice = choices.next().value!
        shuffled.push(mail[choice % mail.length]!)
        if (choice % 4 !== 0) mail.splice(choice % mail.length, 1)
      }
      const check = feed(world, shuffled)
      assert.deepStrictEqual(check.difference, Option.none())
      assert.strictEqual(check.frames, steps + 1)
    }
  )

  it.prop("Check finds the first wrong state", [big, FastCheck.nat()], ([world, n]) => {
    const mail = messages(world)
    const wrong = mail[n % mail.length]!
    const expected = wrong.state
    wrong.state = (expected + 1) % world.rule.states
    const difference = Option.getOrThrow(feed(world, mail).difference)
    assert.deepInclude(difference, {
      step: wrong.step,
      row: wrong.row,
      col: wrong.col,
      expected,
      seen: wrong.state,
      reason: "wrong"
    })
  })

  it("Check says what is wrong in one line", () => {
    const game = FastCheck.sample(arbitraries.lifeWorld(5), { numRuns: 1, seed: 3 })[0]!
    const [first, ...others] = messages(game)
    const wrong = { ...first!, state: 1 - first!.state }
    const message = Option.getOrThrow(feed(game, [wrong, ...others]).difference).message
    assert.match(
      message,
      /^Cell at row 0, column 0, step 0: expected [01] \((dead|alive)\), seen [01] \((dead|alive)\)$/
    )
    assert.match(
      Option.getOrThrow(feed(game, [first!, wrong]).difference).message,
      /expected the state that it published before, seen/
    )
    assert.match(
      Option.getOrThrow(feed(game, [{ ...first!, row: 99 }]).difference).message,
      /^Cell at row 99, column 0, step 0: expected nothing: there is no such cell/
    )
  })
})
