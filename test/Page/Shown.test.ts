import { assert, describe, it } from "@effect/vitest"
import type { Block } from "../../src/Protocol/WatchProtocol.ts"
import { Model } from "../../static/watch/Model/Model.ts"
import { Shown } from "../../static/watch/Stage/Shown.ts"

const side = 1_000

const game = (number: number): Block => ({
  _tag: "Game",
  game: number,
  width: side,
  height: side,
  topology: "",
  stateCount: 2
})

/** All cells at a step, dead. */
const generation = (step: number): Block => ({
  _tag: "Cells",
  base: step,
  indices: undefined,
  values: new Uint8Array(side * side).fill(1),
  ages: new Uint8Array(side * side)
})

/** All of the 4 cells of a small game at a step, alive or dead in turn. */
const small = (step: number): Block => ({
  _tag: "Cells",
  base: step,
  indices: undefined,
  values: new Uint8Array(4).fill(1 + (step % 2)),
  ages: new Uint8Array(4)
})

const make = () => {
  const model = new Model()
  model.apply([game(1), generation(1)])
  const shown = new Shown(model)
  assert.isTrue(shown.begin())
  return { model, shown, step: () => shown.frame.steps[0] }
}

describe("Shown", () => {
  it("Shown freezes the frame that is seen, even if not every frame of a large grid is kept", () => {
    const { model, shown, step } = make()
    shown.see(0)
    for (const next of [2, 3]) {
      model.apply([generation(next)])
      assert.isFalse(shown.isCurrent)
      shown.see(next)
      assert.isTrue(shown.isCurrent)
    }
    assert.deepStrictEqual(shown.kept, { before: 0, after: 0 })
    shown.freeze(true)
    model.apply([generation(4)])
    assert.isTrue(shown.isPast)
    assert.strictEqual(step(), 3)
    shown.step(-1)
    assert.strictEqual(step(), 1)
    shown.freeze(false)
    assert.isFalse(shown.isCurrent)
    assert.strictEqual(step(), 4)
  })

  it("Shown keeps each frame of a small game, although one was drawn later than the time of the next", () => {
    const model = new Model()
    const shown = new Shown(model)
    const late = performance.now() - 1_000
    const first: Block = { _tag: "Game", game: 1, width: 2, height: 2, topology: "", stateCount: 2 }
    for (const [at, block] of [first, small(0), small(1)].entries()) {
      model.apply([block])
      shown.begin()
      shown.see(late + 16 * at)
    }
    shown.freeze(true)
    assert.strictEqual(shown.kept.before, 1)
  })

  it("Shown has the size of a game as soon as it has come, although nothing of it is drawn yet", () => {
    const model = new Model()
    const shown = new Shown(model)
    shown.begin()
    shown.see(0)
    model.apply([game(1), generation(1)])
    // Before the next picture, a key may mark a cell.
    assert.strictEqual(shown.frame.width, side)
  })

  it("Shown shows another game from its beginning, even if a frame of the last one was frozen", () => {
    const { model, shown, step } = make()
    shown.see(0)
    shown.freeze(true)
    model.apply([game(2), generation(7)])
    assert.isFalse(shown.isCurrent)
    assert.isTrue(shown.begin())
    assert.isFalse(shown.begin())
    assert.isFalse(shown.isFrozen)
    assert.strictEqual(step(), 7)
    assert.deepStrictEqual(shown.kept, { before: 0, after: 0 })
  })
})
