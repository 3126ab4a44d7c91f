/** Memory is freed at once, without a garbage collection. */
import { assert, describe, it } from "@effect/vitest"
import { detach } from "../../../src/WebSocket/Frames/Detach.ts"

const SIZE = 4 << 20

describe("detach", () => {
  it("detach frees a large buffer at once, and ignores one that is freed already", () => {
    const buffer = Buffer.allocUnsafeSlow(SIZE)
    const before = process.memoryUsage().arrayBuffers
    detach(buffer)
    assert.isAtMost(process.memoryUsage().arrayBuffers, before - SIZE)
    assert.lengthOf(buffer, 0)
    detach(buffer)
  })

  it("detach does not free small buffers, for which the call would cost more", () => {
    const buffer = Buffer.allocUnsafeSlow(1024)
    detach(buffer)
    assert.lengthOf(buffer, 1024)
  })

  it("detach leaves the pool alone, of which a small buffer is a part, and does not throw", () => {
    // The pool has 8 KiB up to Node 22, and 64 KiB from Node 24 on, where it is large enough to be tried.
    const part = Buffer.from("part of the pool")
    detach(part)
    assert.strictEqual(String(part), "part of the pool")
    assert.strictEqual(String(Buffer.from("another part")), "another part")
  })
})
