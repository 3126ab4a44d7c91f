import { assert, describe, it } from "@effect/vitest"
import { Frames } from "../../../src/Life/Referee/Frames.ts"
import * as Grid from "../../../src/Life/Universe/Grid.ts"

const collect = (width: number, height: number) => {
  const seen: Array<string> = []
  const frames = new Frames(width, height, (step, grid) => seen.push(`${step} ${Grid.toRows(grid).join("/")}`))
  return { frames, seen }
}

describe("Frames", () => {
  it("Frames completes each frame with its last cell, in order", () => {
    const { frames, seen } = collect(2, 1)
    frames.receive(0, 0, 1, 1)
    frames.receive(1, 0, 1, 0)
    frames.receive(1, 0, 0, 1)
    assert.deepStrictEqual(seen, [])
    assert.strictEqual(frames.next, 0)
    frames.receive(0, 0, 0, 0)
    assert.deepStrictEqual(seen, ["0 .O", "1 O."])
    assert.strictEqual(frames.next, 2)
  })

  it("Frames reports states that it did not take", () => {
    const { frames } = collect(2, 2)
    assert.strictEqual(frames.receive(0, 0, 0, 1), "taken")
    assert.strictEqual(frames.receive(0, 0, 0, 1), "repeated")
    assert.strictEqual(frames.receive(0, 0, 0, 0), "contradicting")
    for (const [step, row, col] of [
      [0, 2, 0],
      [0, 0, 2],
      [0, -1, 0],
      [4, 0, 0],
      [1e9, 0, 0],
      [0, Number.NaN, 0]
    ] as const) {
      assert.strictEqual(frames.receive(step, row, col, 0), "impossible")
    }
    for (const [row, col] of [
      [0, 1],
      [1, 0],
      [1, 1]
    ] as const) {
      frames.receive(0, row, col, 0)
    }
    assert.strictEqual(frames.receive(0, 0, 0, 1), "repeated")
  })

  it("Frames never needs more frames", () => {
    const { frames, seen } = collect(1, 1)
    for (let step = 0; step < 1000; step++) frames.receive(step, 0, 0, step % 2 === 0 ? 1 : 0)
    assert.strictEqual(seen.length, 1000)
    assert.deepStrictEqual(seen.slice(-2), ["998 O", "999 ."])
  })
})
