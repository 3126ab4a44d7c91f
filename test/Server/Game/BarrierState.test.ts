import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as BarrierState from "../../../src/Server/Game/BarrierState.ts"
import type { Census } from "../../../src/Server/Game/GameEvent.ts"

type Event = "connect" | "subscribe" | "leave"

const change = (changes: Partial<Census>): Census => ({ connected: 0, subscribed: 0, came: 0, broke: 0, ...changes })
const connect = (state: BarrierState.BarrierState) => BarrierState.count(state, change({ connected: 1, came: 1 }))
const subscribe = (state: BarrierState.BarrierState) => BarrierState.count(state, change({ subscribed: 1 }))
const leave = (state: BarrierState.BarrierState, hadSubscribed: boolean, isBroken = false) =>
  BarrierState.count(state, change({ connected: -1, subscribed: hadSubscribed ? -1 : 0, broke: isBroken ? 1 : 0 }))

const events = FastCheck.array(FastCheck.constantFrom<Event>("connect", "connect", "subscribe", "subscribe", "leave"), {
  maxLength: 60
})

/** Applies the events that make sense at their place. Returns all states on the way. */
const play = (expected: number, events: ReadonlyArray<Event>) => {
  const states = [BarrierState.make(expected)]
  for (const event of events) {
    const state = states.at(-1)!
    const { connected, phase, subscribed } = state
    if (event === "connect") states.push(connect(state))
    else if (event === "subscribe" && phase !== "connecting" && subscribed < connected) states.push(subscribe(state))
    else if (event === "leave" && connected > 0)
      states.push(leave(state, subscribed > 0 && (subscribed === connected || connected % 2 === 0)))
  }
  return states
}

const order = ["connecting", "subscribing", "running"]

describe("BarrierState", () => {
  it.prop(
    "BarrierState opens in order, and stays open",
    [FastCheck.integer({ min: 1, max: 9 }), events],
    ([expected, events]) => {
      const phases = play(expected, events).map(({ phase }) => order.indexOf(phase))
      for (const [index, phase] of phases.entries()) if (index > 0) assert.include([0, 1], phase - phases[index - 1]!)
    }
  )

  it.prop(
    "BarrierState never counts more workers than there are, or fewer than none",
    [FastCheck.integer({ min: 1, max: 9 }), events],
    ([expected, events]) => {
      for (const { connected, subscribed } of play(expected, events)) {
        assert.isAtLeast(subscribed, 0)
        assert.isAtMost(subscribed, connected)
      }
    }
  )

  it.prop(
    "BarrierState opens exactly when all workers are there",
    [FastCheck.integer({ min: 1, max: 9 }), events],
    ([expected, events]) => {
      const states = play(expected, events)
      for (const [index, state] of states.entries()) {
        const before = states[index - 1]
        if (before === undefined || before.phase === state.phase) continue
        if (state.phase === "subscribing") assert.deepInclude(state, { connected: expected, subscribed: 0 })
        else assert.strictEqual(state.subscribed, expected)
      }
      const last = states.at(-1)!
      if (last.phase === "connecting") assert.isBelow(last.connected, expected)
    }
  )

  it("BarrierState counts the workers that lost their connections during the run, until others replace them", () => {
    const running = [1, 2].reduce(subscribe, [1, 2].reduce(connect, BarrierState.make(2)))
    assert.deepInclude(running, { phase: "running", broken: 0 })
    assert.strictEqual(leave(running, true).broken, 0)
    const broken = leave(running, true, true)
    assert.strictEqual(broken.broken, 1)
    assert.strictEqual(connect(broken).broken, 0)
    // Before the run another worker simply connects.
    assert.strictEqual(leave(connect(BarrierState.make(2)), false, true).broken, 0)
  })

  it("BarrierState does not count a worker that left before all were there", () => {
    const two = connect(connect(BarrierState.make(3)))
    const again = connect(leave(two, false))
    assert.deepInclude(again, { connected: 2, phase: "connecting" })
    assert.deepInclude(connect(again), { connected: 3, phase: "subscribing" })
  })
})
