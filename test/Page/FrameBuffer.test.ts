import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { FrameBuffer } from "../../static/watch/Model/FrameBuffer.ts"
import type { Frame } from "../../static/watch/Model/Model.ts"
import { emptyFrame } from "../../static/watch/Model/Model.ts"

const numbered = (step: number, width = 2, height = 2): Frame => {
  const frame = emptyFrame(width, height)
  frame.steps.fill(step)
  return frame
}

describe("FrameBuffer", () => {
  it.prop(
    "FrameBuffer behaves like a list of frames",
    [FastCheck.array(FastCheck.integer({ min: -9, max: 9 }))],
    ([moves]) => {
      const buffer = new FrameBuffer()
      const model = { frames: [] as Array<number>, position: -1 }
      moves.forEach((move, step) => {
        if (move === 0) {
          buffer.push(numbered(step), step)
          model.frames.push(step)
          model.position = model.frames.length - 1
        } else if (model.frames.length > 0) {
          buffer.move(move)
          model.position = Math.min(Math.max(0, model.position + move), model.frames.length - 1)
        }
        assert.strictEqual(buffer.shown?.steps[0], model.frames[model.position])
        assert.strictEqual(buffer.before, Math.max(0, model.position))
        assert.strictEqual(buffer.after, model.frames.length - 1 - model.position)
      })
    }
  )

  it("FrameBuffer keeps copies of frames", () => {
    const buffer = new FrameBuffer()
    const frame = numbered(1)
    buffer.push(frame, 0)
    frame.steps.fill(2)
    assert.strictEqual(buffer.shown?.steps[0], 1)
  })

  it("FrameBuffer limits frames and bytes, and reuses their memory", () => {
    const buffer = new FrameBuffer()
    const seen = new Set<Frame>()
    for (let step = 0; step < 1_000; step++) seen.add(buffer.push(numbered(step), step))
    assert.strictEqual(seen.size, 240)
    assert.strictEqual(buffer.before, 239)
    assert.strictEqual(buffer.shown?.steps[0], 999)
    const large = new FrameBuffer()
    const many = new Set<Frame>()
    for (let step = 0; step < 30; step++) many.add(large.push(numbered(step, 1_000, 1_000), step))
    assert.isAtMost(many.size, 9)
  })

  it("FrameBuffer forgets frames of another size", () => {
    const buffer = new FrameBuffer()
    buffer.push(numbered(1), 1)
    buffer.push(numbered(2, 3, 3), 2)
    assert.strictEqual(buffer.before, 0)
  })
})
