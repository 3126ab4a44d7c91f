/** Memory that is free at once, without a collection. */
import { assert, describe, it } from "@effect/vitest"
import { detach } from "../../../src/WebSocket/Frames/Detach.ts"

const SIZE = 4 << 20

describe("detach", () => {
  it("frees a large buffer at once, and does nothing to one that is free", () => {
    const buffer = Buffer.allocUnsafeSlow(SIZE)
    const before = process.memoryUsage().arrayBuffers
    detach(buffer)
    assert.isAtMost(process.memoryUsage().arrayBuffers, before - SIZE)
    assert.lengthOf(buffer, 0)
    detach(buffer)
  })

  it("leaves small buffers as they are: the call would cost more", () => {
    const buffer = Buffer.allocUnsafeSlow(1024)
    detach(buffer)
    assert.lengthOf(buffer, 1024)
  })
})
