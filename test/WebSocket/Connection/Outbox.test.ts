import { assert, describe, it, vi } from "@effect/vitest"
import { Outbox } from "../../../src/WebSocket/Connection/Outbox.ts"

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe("Outbox", () => {
  it("flushes what was touched at the end of the turn, each once", async () => {
    const outbox = new Outbox()
    const flushed: Array<string> = []
    outbox.touch({ flush: () => flushed.push("a") })
    outbox.touch({ flush: () => flushed.push("b") })
    assert.deepStrictEqual(flushed, [])
    await turn()
    assert.deepStrictEqual(flushed, ["a", "b"])
    await turn()
    assert.deepStrictEqual(flushed, ["a", "b"])
  })

  it("flushes at once when told, and not again", async () => {
    const outbox = new Outbox()
    let flushed = 0
    outbox.touch({ flush: () => flushed++ })
    outbox.flush()
    assert.strictEqual(flushed, 1)
    await turn()
    assert.strictEqual(flushed, 1)
  })

  it("keeps what is touched while it flushes for the next time", async () => {
    const outbox = new Outbox()
    const flushed: Array<string> = []
    const late = { flush: () => flushed.push("late") }
    outbox.touch({
      flush: () => {
        flushed.push("first")
        outbox.touch(late)
      }
    })
    outbox.flush()
    assert.deepStrictEqual(flushed, ["first"])
    await turn()
    assert.deepStrictEqual(flushed, ["first", "late"])
  })

  it("holds what was touched through the next turn, then flushes it", async () => {
    const outbox = new Outbox()
    let flushed = 0
    outbox.touch({ flush: () => flushed++ })
    outbox.hold()
    await turn()
    assert.strictEqual(flushed, 0)
    await turn()
    assert.strictEqual(flushed, 1)
  })

  it("holds no longer than 31 times in a row", () => {
    const outbox = new Outbox()
    let flushed = 0
    outbox.touch({ flush: () => flushed++ })
    for (let held = 0; held < 31; held++) outbox.hold()
    assert.strictEqual(flushed, 0)
    outbox.hold()
    assert.strictEqual(flushed, 1)
  })

  /** A hundred senders, each touched again after its flush. */
  const crowd = (outbox: Outbox) => {
    const flushes: Array<number> = []
    const waiting = new Set<number>()
    const send = (sender: number) => {
      if (waiting.has(sender)) return
      waiting.add(sender)
      outbox.touch({
        flush: () => {
          waiting.delete(sender)
          flushes.push(sender)
        }
      })
    }
    return {
      flushes,
      sendAll: () => {
        for (let sender = 0; sender < 100; sender++) send(sender)
      }
    }
  }

  it("gathers for many what comes within a millisecond, whatever turns and small chunks come between", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    try {
      const outbox = new Outbox()
      const { flushes, sendAll } = crowd(outbox)
      for (let entry = 0; entry < 3; entry++) {
        sendAll()
        outbox.gather()
        outbox.endChunk(1)
        await turn()
      }
      assert.deepStrictEqual(flushes, [])
      vi.advanceTimersByTime(1)
      assert.lengthOf(flushes, 100)
      sendAll()
      await turn()
      assert.lengthOf(flushes, 200)
    } finally {
      vi.useRealTimers()
    }
  })

  it("gathers for few no longer than a turn", async () => {
    const outbox = new Outbox()
    let flushed = 0
    outbox.touch({ flush: () => flushed++ })
    outbox.gather()
    await turn()
    assert.strictEqual(flushed, 1)
  })
})
