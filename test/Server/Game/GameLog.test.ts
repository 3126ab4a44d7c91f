import { assert, it } from "@effect/vitest"
import type { GameEvent } from "../../../src/Server/Game/GameEvent.ts"
import { GameLog } from "../../../src/Server/Game/GameLog.ts"

it("a node writes nothing that its workers say while it begins to read the log again, because it is of another game", () => {
  const written: Array<GameEvent> = []
  let continuous = true
  let flush = () => {}
  const log = new GameLog({
    name: "n",
    isShared: true,
    state: { epoch: 7 },
    census: () => ({ connected: 1, subscribed: 1, came: 0, broke: 0 }),
    later: (callback) => {
      flush = callback
    },
    setPaused: () => {}
  })
  log.begin({
    name: "log",
    unsafeAppend: (event) => written.push(event),
    unsafeGeneration: () => "0",
    unsafePosition: () => 0,
    unsafeWhenCurrent: (callback) => callback(),
    unsafeHealth: () => ({ connected: true, continuous, failed: false, behind: 0, pending: 0, pendingBytes: 0 })
  })
  const say = (step: number) => {
    log.publish({ topic: 0, step, state: 1, text: undefined })
    log.claim({ topic: 0, worker: 1, since: 1 })
    log.count()
    flush()
  }
  const types = () => written.splice(0).map(({ type }) => type)
  assert.deepStrictEqual(types(), ["hello"])
  say(1)
  assert.deepStrictEqual(types(), ["census", "claims", "states"])
  continuous = false
  say(2)
  assert.deepStrictEqual(types(), [])
  continuous = true
  say(3)
  const states = written.find((event) => event.type === "states")
  assert.deepStrictEqual(types(), ["census", "claims", "states"])
  assert.deepStrictEqual(states?.type === "states" ? states.states.map(({ step }) => step) : [], [3])
})
