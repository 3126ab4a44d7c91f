import { assert, describe, it } from "@effect/vitest"
import { formatListened, formatRequest, parseListened, parseRequest } from "../../src/Protocol/WatchRequest.ts"
import { awaited, ClientLog } from "../../static/watch/Model/ClientLog.ts"
import { emptyFrame } from "../../static/watch/Model/Model.ts"

describe("The client of a cell", () => {
  it("The client of a cell is asked for and told in texts that are read as they were written", () => {
    for (const cell of [undefined, 0, 999_999])
      assert.deepStrictEqual(parseRequest(formatRequest({ _tag: "Listen", cell })), { _tag: "Listen", cell })
    for (const text of ["listen ", "listen -1", "listen 1 2", "listen x"]) assert.isUndefined(parseRequest(text))
    for (const client of [
      { cell: 7, connection: undefined, neighbours: [] },
      { cell: 7, connection: 0, neighbours: [6, 8] }
    ])
      assert.deepStrictEqual(parseListened(formatListened(client)), client)
    for (const text of ["client", "client x", "1 2 3 1", "client 1 -"]) assert.isUndefined(parseListened(text))
  })

  it("The client of a cell has its last messages, its own apart from those of its neighbours", () => {
    const log = new ClientLog()
    assert.isTrue(log.take("client 5 17 4 6", 4))
    assert.isTrue(log.take("3 1 1 1", 4))
    assert.isTrue(log.take("3 1 0 0", 4))
    assert.deepStrictEqual(log.messages, [
      { isOwn: true, text: "3 1 1 1" },
      { isOwn: false, text: "3 1 0 0" }
    ])
    for (let step = 4; step < 50; step++) log.take(`${step} 1 1 1`, 4)
    assert.isBelow(log.messages.length, 20)
    assert.strictEqual(log.messages.at(-1)?.text, "49 1 1 1")
    // The same client over another connection keeps them, another client begins anew.
    log.take("client 5 99 4 6", 4)
    assert.isAbove(log.messages.length, 1)
    log.take("client 6 2 5", 4)
    assert.deepStrictEqual(log.messages, [])
    assert.isFalse(log.take("hello", 4))
  })

  it("The client of a cell that has left is at no other process before figures have come that can't count it any more", () => {
    const log = new ClientLog()
    // Of a client that was never here, the figures say whether it is elsewhere.
    log.take("client 5", 4)
    assert.isTrue(log.isCounted)
    log.take("client 5 17 4 6", 4)
    log.take("client 5", 4)
    assert.isFalse(log.isCounted)
    // These may have been made before it left.
    log.noteFigures()
    assert.isFalse(log.isCounted)
    log.noteFigures()
    assert.isTrue(log.isCounted)
    log.take("client 5 18 4 6", 4)
    log.take("client 5", 4)
    log.take("client 6", 4)
    assert.isTrue(log.isCounted)
  })

  it("The client of a cell waits for the neighbours that are a step behind it", () => {
    const frame = emptyFrame(3, 1)
    frame.steps.set([4, 5, 6])
    const client = { cell: 1, connection: 1, neighbours: [0, 2] }
    assert.deepStrictEqual(awaited(client, frame), [0])
    frame.steps[0] = 5
    assert.deepStrictEqual(awaited(client, frame), [])
  })
})
