import { assert, describe, it } from "@effect/vitest"
import { GameState } from "../../../src/Server/Game/GameState.ts"
import { make } from "../../../src/Server/Game/Relay.ts"
import { Listener } from "../../../src/Server/Watch/Listener.ts"

/** A relay of the grid that a server has before its first game, a listener, and what it was sent. */
const listening = (workers: Map<number, { readonly id: number; readonly topics: ReadonlyArray<number> }>) => {
  const relay = make(new GameState())
  const heard: Array<string> = []
  const connection = {
    blocked: false,
    send: (message: unknown) => void heard.push(String(message)),
    sendFrame: (frame: string) => void heard.push(frame.slice(2))
  }
  const listener = new Listener(connection, { unsafeSpeaker: (topic: number) => workers.get(topic) }, relay)
  const publish = (topic: number, step: number) =>
    relay.unsafeDeliver({ topic, step, state: 1, text: `${step} 0 ${topic} 1` })
  return { connection, heard, listener, publish, relay }
}

describe("A watcher that listens to a client", () => {
  it("A watcher that listens to a client is told the client, and gets what it publishes and what its neighbours publish, and nothing else", () => {
    const { heard, listener, publish } = listening(new Map([[5, { id: 17, topics: [4, 6, 6] }]]))
    listener.listen(5)
    for (const topic of [4, 5, 6, 7]) publish(topic, 1)
    assert.deepStrictEqual(heard, ["client 5 17 4 6", "1 0 4 1", "1 0 5 1", "1 0 6 1"])
    listener.listen(undefined)
    publish(5, 2)
    assert.strictEqual(heard.length, 4)
  })

  it("A watcher that listens to a client is told when the client has gone and when it has another connection, and goes on with it", () => {
    const workers = new Map([[5, { id: 17, topics: [4] }]])
    const { heard, listener, publish } = listening(workers)
    listener.listen(5)
    listener.turn()
    workers.delete(5)
    listener.turn()
    publish(4, 1)
    workers.set(5, { id: 30, topics: [4] })
    listener.turn()
    publish(4, 2)
    assert.deepStrictEqual(heard, ["client 5 17 4", "client 5", "client 5 30 4", "2 0 4 1"])
  })

  it("A watcher that listens to a client gets a limited number of messages in a turn, none while it does not read, and none of a cell that is not there", () => {
    const { connection, heard, listener, publish } = listening(new Map([[5, { id: 1, topics: [] }]]))
    listener.listen(5)
    for (let step = 0; step < 1000; step++) publish(5, step)
    assert.isBelow(heard.length, 50)
    listener.turn()
    const before = heard.length
    connection.blocked = true
    publish(5, 1000)
    assert.strictEqual(heard.length, before)
    connection.blocked = false
    listener.listen(1_000_000)
    publish(5, 1001)
    assert.strictEqual(heard.length, before)
  })

  it("A watcher that listens to a client hears nothing of another game until it asks again", () => {
    const { heard, listener, publish, relay } = listening(new Map([[5, { id: 1, topics: [] }]]))
    listener.listen(5)
    relay.unsafeReset()
    listener.listen(undefined)
    publish(5, 1)
    listener.turn()
    assert.deepStrictEqual(heard, ["client 5 1"])
  })
})
