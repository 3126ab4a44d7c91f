import { assert, describe, it } from "@effect/vitest"
import { Outbox } from "../../../src/WebSocket/Connection/Outbox.ts"

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe("Outbox", () => {
  it("Outbox flushes each touched sender once, at the end of the turn", async () => {
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

  it("Outbox flushes at once when it is called, and not again", async () => {
    const outbox = new Outbox()
    let flushed = 0
    outbox.touch({ flush: () => flushed++ })
    outbox.flush()
    assert.strictEqual(flushed, 1)
    await turn()
    assert.strictEqual(flushed, 1)
  })

  it("Outbox keeps senders that are touched during a flush for the next one", async () => {
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

  it("Outbox holds touched senders through the next turn, then flushes them", async () => {
    const outbox = new Outbox()
    let flushed = 0
    outbox.touch({ flush: () => flushed++ })
    outbox.cork()
    await turn()
    assert.strictEqual(flushed, 0)
    await turn()
    assert.strictEqual(flushed, 1)
  })

  it("Outbox holds at most 31 times in a row", () => {
    const outbox = new Outbox()
    let flushed = 0
    outbox.touch({ flush: () => flushed++ })
    for (let turn = 0; turn < 31; turn++) outbox.cork()
    assert.strictEqual(flushed, 0)
    outbox.cork()
    assert.strictEqual(flushed, 1)
  })
})
