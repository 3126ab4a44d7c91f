import { assert, describe, it } from "@effect/vitest"
import { makeParts } from "../../../src/Server/Game/Game.ts"
import type { GameEvent } from "../../../src/Server/Game/GameEvent.ts"
import { StepSubscriber } from "../../../src/Server/Game/StepSubscriber.ts"
import { ServerConsole } from "../../../src/Server/Operations/ServerConsole.ts"
import { Deadlines } from "../../../src/WebSocket/Connection/Deadlines.ts"

const make = (topics: number, cells = topics) => {
  const writes: Array<string> = []
  const incomplete = new Set<StepSubscriber>()
  const timeouts: Array<number | undefined> = []
  const subscriber = new StepSubscriber({ sendFrame: (frame) => void writes.push(frame) }, topics, cells, {
    add: (item, timeout) => {
      timeouts.push(timeout)
      incomplete.add(item)
    },
    delete: (item) => void incomplete.delete(item)
  })
  const hear = (...frames: ReadonlyArray<string>) => {
    for (const frame of frames) subscriber.sendFrame(frame, Number(frame[1]))
  }
  return { writes, incomplete, timeouts, subscriber, hear }
}

describe("StepSubscriber", () => {
  it("StepSubscriber sends a step with one write when it is complete", () => {
    const { hear, incomplete, subscriber, writes } = make(3)
    hear("a0", "b0")
    assert.deepStrictEqual([writes, [...incomplete]], [[], [subscriber]])
    hear("c0", "a1", "b1", "c1")
    assert.deepStrictEqual([writes, incomplete.size], [["a0b0c0", "a1b1c1"], 0])
  })

  it("StepSubscriber does not count a state of the next step as a part of this one", () => {
    const { hear, writes } = make(3)
    hear("a0", "b0", "a1", "c0", "b1", "c1")
    assert.deepStrictEqual(writes, ["a0b0a1c0", "b1c1"])
  })

  it("StepSubscriber counts the states of a replay if neighbours are a step apart", () => {
    const { hear, writes } = make(2)
    hear("a4", "a5", "b5", "b6", "a6")
    assert.deepStrictEqual(writes, ["a4a5b5", "b6a6"])
  })

  it("StepSubscriber does not keep a part of a step for long if some states come twice", () => {
    const { hear, writes } = make(2)
    hear("a0", "a0", "b0", "a1", "b1", "b1", "a2", "b2")
    assert.deepStrictEqual(writes, ["a0a0", "b0", "a1b1", "b1", "a2b2"])
  })

  it("StepSubscriber keeps a part of a step longer in a larger game, whose steps take longer", () => {
    const timeouts = [9, 2000, 10_000, 1_000_000].map((cells) => {
      const { hear, timeouts } = make(8, cells)
      hear("a0")
      return timeouts[0]
    })
    assert.deepStrictEqual(timeouts, [200, 200, 1000, 5000])
  })

  it("StepSubscriber sends a part when it is flushed", () => {
    const { hear, incomplete, subscriber, writes } = make(2)
    hear("a0")
    subscriber.flush()
    hear("b0")
    assert.deepStrictEqual([writes, incomplete.size], [["a0", "b0"], 0])
  })
})

/**
 * A node of a shared game of one row, whose workers subscribe to each other, and the messages that each was sent,
 * except `sub` and `run`.
 */
const runningNode = async (cells: number) => {
  const incomplete = new Set<StepSubscriber>()
  const parts = makeParts({
    name: "n",
    isShared: true,
    console: ServerConsole.plain(() => {}),
    maxSubscriptions: cells,
    silent: new Deadlines(3_600_000, () => {}),
    incomplete,
    later: queueMicrotask,
    report: () => {}
  })
  let position = 0
  const read = (event: GameEvent) => parts.node.entry(event, ++position)
  parts.log.begin({
    name: "game",
    unsafeAppend: read,
    unsafeGeneration: () => "0",
    unsafePosition: () => position,
    unsafeWhenCurrent: (callback) => callback(),
    unsafeHealth: () => ({ connected: true, continuous: true, failed: false, behind: 0, pending: 0, pendingBytes: 0 })
  })
  parts.node.reset({ width: cells, height: 1, topology: "", stateCount: 2 }, () => {})
  const sent: Array<Array<string>> = []
  const workers = Array.from({ length: cells }, () => {
    const frames: Array<string> = []
    sent.push(frames)
    return parts.node.join({
      sendFrame: (frame) => void (/sub|run/.test(frame) || frames.push(frame)),
      close: () => {},
      pause: () => {},
      resume: () => {}
    })
  })
  await Promise.resolve()
  for (const [own, worker] of workers.entries()) {
    for (let cell = 0; cell < cells; cell++) if (cell !== own) worker.onMessage(`0 ${cell}`)
    worker.onMessage("sub")
  }
  await Promise.resolve()
  return { epoch: parts.state.epoch, incomplete, read, sent }
}

describe("a node of a shared game", () => {
  it("a node of a shared game writes once to a worker whose step comes in several entries of any writer", async () => {
    const { epoch, incomplete, read, sent } = await runningNode(3)
    for (const topic of [0, 1, 2])
      read({ type: "states", epoch, states: [{ topic, step: 0, state: 1, text: undefined }] })
    for (const frames of sent) assert.lengthOf(frames, 1)
    assert.include(sent[1]![0], "0 0 0 1")
    assert.include(sent[1]![0], "0 0 2 1")
    assert.strictEqual(incomplete.size, 0)
  })
})
