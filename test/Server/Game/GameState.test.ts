import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import type { Census, GameEvent } from "../../../src/Server/Game/GameEvent.ts"
import { codec } from "../../../src/Server/Game/GameEventCodec.ts"
import { GameState } from "../../../src/Server/Game/GameState.ts"

const number = FastCheck.nat(0x3fffffff)
const node = FastCheck.constantFrom("a", "b", "c")
const count = FastCheck.nat(9)
const census: FastCheck.Arbitrary<Census> = FastCheck.record({
  connected: count,
  subscribed: count,
  came: count,
  broke: count
})
const epoch = FastCheck.nat(20)

const event: FastCheck.Arbitrary<GameEvent> = FastCheck.oneof(
  FastCheck.record({ type: FastCheck.constantFrom("hello" as const, "bye" as const), node }),
  FastCheck.record({
    type: FastCheck.constant("reset" as const),
    request: FastCheck.string(),
    width: FastCheck.integer({ min: 1, max: 5 }),
    height: FastCheck.integer({ min: 1, max: 5 }),
    topology: FastCheck.string()
  }),
  FastCheck.record({
    type: FastCheck.constant("reset" as const),
    request: FastCheck.string(),
    width: FastCheck.integer({ min: 1, max: 5 }),
    height: FastCheck.integer({ min: 1, max: 5 }),
    topology: FastCheck.string(),
    states: FastCheck.integer({ min: 3, max: 255 })
  }),
  FastCheck.record({ type: FastCheck.constant("census" as const), node, epoch, census }),
  FastCheck.record({
    type: FastCheck.constant("claims" as const),
    node,
    epoch,
    claims: FastCheck.array(FastCheck.record({ topic: FastCheck.nat(25), worker: number, since: FastCheck.nat(9) }))
  }),
  FastCheck.record({
    type: FastCheck.constant("states" as const),
    epoch,
    states: FastCheck.array(
      FastCheck.record({
        topic: FastCheck.oneof(FastCheck.nat(25), number),
        step: FastCheck.oneof(FastCheck.nat(9), number),
        state: FastCheck.oneof(FastCheck.nat(1), FastCheck.nat(254)),
        text: FastCheck.option(FastCheck.stringMatching(/^[0-9 ]{1,128}$/), { nil: undefined })
      })
    )
  })
)

/** Applies an event as a node does. What has changed is added to `lines`. */
const apply = (state: GameState, event: GameEvent, position: number, lines: Array<string>): void => {
  if ("epoch" in event && !state.noteEpoch(event.epoch)) return
  switch (event.type) {
    case "states":
      for (const each of event.states)
        if (state.publish(each)) lines.push(`published ${each.step} ${each.topic} ${each.state}`)
      return
    case "columns":
      return void state.publishAll(event.columns)
    case "claims":
      for (const claim of event.claims) {
        const [what, to] = state.claim(claim) ? ["claimed", "by"] : ["refused", "to"]
        lines.push(`${what} ${claim.topic} ${to} ${event.node}.${claim.worker}`)
      }
      return
    case "census":
      if (state.count(event.node, event.census)) lines.push(`counted ${JSON.stringify(state.barrier)}`)
      return
    case "reset": {
      const problem = state.reset(event, position)
      return void lines.push(problem === undefined ? `reset ${event.request}` : `${event.request}: ${problem.reason}`)
    }
    case "hello":
      return state.nodes.add(event.node)
    case "bye":
      if (state.remove(event.node)) lines.push(`removed ${event.node}`)
  }
}

const fold = (events: ReadonlyArray<GameEvent>, state = new GameState(), from = 0) => {
  const lines: Array<string> = []
  for (const [index, each] of events.entries()) apply(state, each, from + index + 1, lines)
  return { state, lines }
}

const reset = (width: number, height = 1): GameEvent => ({ type: "reset", request: "r", width, height, topology: "" })
const counted = (node: string, epoch: number, changes: Partial<Census>): GameEvent => ({
  type: "census",
  node,
  epoch,
  census: { connected: 0, subscribed: 0, came: 0, broke: 0, ...changes }
})
const hello = (node: string): GameEvent => ({ type: "hello", node })

describe("game events", () => {
  it.prop("game events are decoded as they were encoded", [event], ([event]) =>
    assert.deepStrictEqual(codec.decode(codec.encode(event)), event)
  )

  it.prop(
    "game events are decoded from any bytes, or refused without an error",
    [FastCheck.uint8Array()],
    ([bytes]) => void codec.decode(bytes)
  )

  it("game events of another version are skipped", () => {
    const later = codec.encode(hello("a"))
    const text = Buffer.from(later).toString("latin1").replace("hello", "later")
    assert.isUndefined(codec.decode(Buffer.from(text, "latin1")))
    assert.isUndefined(codec.decode(Uint8Array.of(9, 1, 2)))
  })
})

describe("GameState", () => {
  it.prop(
    "GameState continues from a snapshot as from the whole log",
    [FastCheck.array(event, { maxLength: 40 }), FastCheck.array(event, { maxLength: 40 })],
    ([before, after]) => {
      const whole = fold(before).state
      const late = new GameState()
      late.restore(whole.snapshot())
      const [one, other] = [fold(after, whole, before.length), fold(after, late, before.length)]
      assert.deepStrictEqual(other.lines, one.lines)
      assert.deepStrictEqual(late.snapshot(), whole.snapshot())
    }
  )

  it("GameState counts the workers of all nodes", () => {
    const { state } = fold([
      reset(3),
      hello("a"),
      hello("b"),
      counted("a", 1, { connected: 1 }),
      counted("b", 1, { connected: 1 }),
      counted("b", 1, { connected: 2 })
    ])
    assert.deepInclude(state.barrier, { connected: 3, phase: "subscribing" })
  })

  it("GameState keeps the game of the reset that was asked for last, in whatever order two nodes wrote theirs", () => {
    const sized = (width: number, asked: number): GameEvent => ({
      type: "reset",
      request: `r${asked}`,
      width,
      height: 1,
      topology: "",
      asked
    })
    const { lines, state } = fold([sized(2, 5), sized(3, 9), sized(4, 7), sized(6, 12)])
    assert.deepStrictEqual(lines, ["reset r5", "reset r9", "r7: a new game was started", "reset r12"])
    assert.deepInclude(state.grid, { width: 6, height: 1 })
    const late = new GameState()
    late.restore(state.snapshot())
    assert.deepStrictEqual(fold([sized(4, 11)], late, 4).lines, ["r11: a new game was started"])
  })

  it("GameState keeps the last game if there is no memory for the next one, and is not the newest when others play that", () => {
    const large: GameEvent = { type: "reset", request: "large", width: 2 ** 30, height: 2 ** 30, topology: "" }
    const { lines, state } = fold([reset(2), hello("a"), large])
    assert.deepStrictEqual(lines, ["reset r", "large: no memory for so many cells"])
    assert.deepInclude(state, { epoch: 1, isNewest: true })
    assert.deepInclude(state.grid, { width: 2, height: 1 })
    fold([counted("b", 3, { connected: 1 })], state, 4)
    // Its own worker, which is still in the last game, leaves.
    fold([counted("a", 1, { connected: 0 })], state, 5)
    const restarted = new GameState()
    restarted.restore(state.snapshot())
    for (const each of [state, restarted]) {
      assert.isFalse(each.isNewest)
      assert.deepStrictEqual(fold([reset(3)], each, 6).lines, ["reset r"])
      assert.isTrue(each.isNewest)
    }
  })

  it("GameState ignores events for an earlier game", () => {
    const { lines, state } = fold([
      reset(2),
      hello("a"),
      reset(2),
      counted("a", 1, { connected: 2 }),
      { type: "states", epoch: 1, states: [{ topic: 0, step: 0, state: 1, text: undefined }] },
      { type: "claims", node: "a", epoch: 1, claims: [{ topic: 0, worker: 0, since: 1 }] }
    ])
    assert.deepStrictEqual(lines, ["reset r", "reset r"])
    assert.strictEqual(state.epoch, 3)
    assert.strictEqual(state.barrier.connected, 0)
  })

  it("GameState gives a cell to the worker that joined later, even if the other's claim comes last", () => {
    const claims = (node: string, since: number): GameEvent => ({
      type: "claims",
      node,
      epoch: 1,
      claims: [{ topic: 1, worker: 7, since }]
    })
    const { lines } = fold([reset(3), claims("a", 2), claims("b", 5), claims("a", 4), claims("c", 5)])
    assert.deepStrictEqual(lines.slice(1), [
      "claimed 1 by a.7",
      "claimed 1 by b.7",
      "refused 1 to a.7",
      "claimed 1 by c.7"
    ])
  })

  it("GameState removes a node with its workers, and ignores what it writes before it reads that", () => {
    const { lines, state } = fold([
      reset(4),
      hello("a"),
      hello("b"),
      counted("a", 1, { connected: 2 }),
      { type: "bye", node: "a" },
      { type: "bye", node: "a" }
    ])
    assert.strictEqual(lines.at(-1), "removed a")
    assert.strictEqual(lines.filter((line) => line === "removed a").length, 1)
    assert.strictEqual(state.barrier.connected, 0)
    // The node was only frozen, and does not know that it was removed.
    fold([counted("a", 1, { connected: 3 })], state, 20)
    assert.strictEqual(state.barrier.connected, 0)
    assert.deepStrictEqual(state.nodes.names, ["b"])
  })

  it("GameState is not that of the newest reset if other nodes speak of a later one, until it has folded that", () => {
    const { state } = fold([reset(2), hello("a"), counted("a", 1, {})])
    assert.isTrue(state.isNewest)
    fold([counted("a", 5, { connected: 1 })], state, 10)
    assert.isFalse(state.isNewest)
    fold([{ type: "states", epoch: 5, states: [] }], state, 11)
    assert.isFalse(state.isNewest)
    const healthy = fold([reset(2)], new GameState(), 4).state
    fold([counted("a", 5, { connected: 1 })], healthy, 10)
    assert.isTrue(healthy.isNewest)
    state.restore(healthy.snapshot())
    assert.isTrue(state.isNewest)
  })

  it("GameState counts the workers of a dead node as broken, until others replace them", () => {
    const { state } = fold([
      reset(2),
      hello("a"),
      hello("b"),
      counted("a", 1, { connected: 2, came: 2 }),
      counted("a", 1, { connected: 2, came: 2, subscribed: 2 }),
      { type: "bye", node: "a" }
    ])
    assert.deepInclude(state.barrier, { phase: "running", connected: 0, broken: 2 })
    fold([counted("b", 1, { connected: 1, came: 1 })], state, 10)
    assert.deepInclude(state.barrier, { connected: 1, broken: 1 })
  })
})
