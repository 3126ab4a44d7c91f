import { assert, describe, it } from "@effect/vitest"
import type { Block } from "../../src/Protocol/WatchProtocol.ts"
import { copyOf, Model } from "../../static/watch/Model/Model.ts"
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

const make = () => {
  const model = new Model()
  model.apply([game(1), generation(1)])
  const shown = new Shown(model)
  assert.isTrue(shown.begin())
  return { model, shown, step: () => shown.frame.steps[0] }
}

describe("Shown", () => {
  it("Shown freezes a copy of the newest frame, while the game goes on, and shows the game again", () => {
    const { model, shown, step } = make()
    shown.see()
    model.apply([generation(3)])
    assert.isFalse(shown.isCurrent)
    shown.see()
    assert.isTrue(shown.isCurrent)
    shown.freeze(true)
    model.apply([generation(4)])
    assert.isTrue(shown.isPast)
    assert.isFalse(shown.isRecalled)
    assert.strictEqual(step(), 3)
    assert.deepStrictEqual(shown.steps, { min: 3, max: 3 })
    // An example that is shown has steps, but they are none of the game's.
    shown.substitute = copyOf({ ...model.frame, steps: model.frame.steps.map(() => 9) })
    assert.deepStrictEqual(shown.steps, { min: 4, max: 4 })
    shown.substitute = undefined
    shown.freeze(false)
    assert.isFalse(shown.isCurrent)
    assert.strictEqual(step(), 4)
  })

  it("Shown keeps, of a view that was frozen, the cells that were asked for, once, and unless the viewer has gone elsewhere", () => {
    const { model, shown, step } = make()
    const settle = (number: number) => {
      model.apply([generation(number)])
      return shown.settle()
    }
    assert.isFalse(settle(2))
    shown.freeze(true)
    assert.isTrue(settle(3))
    assert.strictEqual(step(), 3)
    assert.isFalse(settle(4))
    shown.freeze(true)
    shown.recall({ ...copyOf(model.frame), steps: new Int32Array(side * side) })
    assert.isFalse(settle(5))
    assert.strictEqual(step(), 0)
    shown.freeze(true)
    model.apply([game(2)])
    assert.isFalse(settle(6))
  })

  it("Shown shows a recalled generation until the game is shown again", () => {
    const { model, shown, step } = make()
    shown.recall({ ...copyOf(model.frame), steps: new Int32Array(side * side) })
    assert.isTrue(shown.isRecalled)
    assert.isTrue(shown.isFrozen)
    assert.strictEqual(step(), 0)
    shown.freeze(false)
    assert.isFalse(shown.isRecalled)
    assert.strictEqual(step(), 1)
  })

  it("Shown has the size of a game as soon as it has come, although nothing of it is drawn yet", () => {
    const model = new Model()
    const shown = new Shown(model)
    shown.begin()
    shown.see()
    model.apply([game(1), generation(1)])
    // Before the next picture, a key may mark a cell.
    assert.strictEqual(shown.frame.width, side)
  })

  it("Shown shows another game from its beginning, even if a frame of the last one was frozen", () => {
    const { model, shown, step } = make()
    shown.see()
    shown.freeze(true)
    model.apply([game(2), generation(7)])
    assert.isFalse(shown.isCurrent)
    assert.isTrue(shown.begin())
    assert.isFalse(shown.begin())
    assert.isFalse(shown.isFrozen)
    assert.strictEqual(step(), 7)
    assert.isFalse(shown.isPast)
  })
})
