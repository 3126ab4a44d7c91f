import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { NO_STEP } from "../../src/Protocol/WatchProtocol.ts"
import * as BarrierState from "../../src/Server/Game/BarrierState.ts"
import { impossible } from "./RealStates.ts"

/** What one worker does: it connects, subscribes when it is told to, leaves, or breaks off. */
const events = FastCheck.array(
  FastCheck.record({ worker: FastCheck.nat(4), leaves: FastCheck.boolean(), breaks: FastCheck.boolean() }),
  { maxLength: 60 }
)

/** Three workers connect, subscribe, and leave. */
const wholeGame = [false, false, true].flatMap((leaves) =>
  [0, 1, 2].map((worker) => ({ worker, leaves, breaks: false }))
)

const nothing = { connected: 0, subscribed: 0, came: 0, broke: 0 }

describe("What a watcher of a real server can be told", () => {
  it("What a watcher of a real server can be told is what its barrier goes through, whatever its workers do", () => {
    const seen = new Set<string>()
    FastCheck.assert(
      FastCheck.property(events, (all) => {
        let state = BarrierState.make(3)
        let greatest = NO_STEP
        const subscribed = new Map<number, boolean>()
        assert.deepStrictEqual(impossible({ ...state, phase: BarrierState.phaseOf(state), greatest }), [])
        seen.add(BarrierState.phaseOf(state))
        for (const { breaks, leaves, worker } of all) {
          const before = subscribed.get(worker)
          if (before === undefined) {
            subscribed.set(worker, false)
            state = BarrierState.count(state, { ...nothing, connected: 1, came: 1 })
          } else if (!leaves && !before && state.phase !== "connecting") {
            subscribed.set(worker, true)
            state = BarrierState.count(state, { ...nothing, subscribed: 1 })
          } else if (leaves) {
            subscribed.delete(worker)
            const change = { connected: -1, subscribed: before ? -1 : 0, broke: breaks ? 1 : 0 }
            state = BarrierState.count(state, { ...nothing, ...change })
          }
          if (state.phase === "running") greatest++
          const phase = BarrierState.phaseOf(state)
          seen.add(phase)
          assert.deepStrictEqual(impossible({ ...state, phase, greatest }), [])
        }
      }),
      { examples: [[wholeGame]] }
    )
    assert.sameMembers([...seen], ["idle", "connecting", "subscribing", "running", "ended"])
  })

  it("What a watcher of a real server can be told is neither a running game without workers, nor a state before all have subscribed", () => {
    const reported = { phase: "running", expected: 4, connected: 4, subscribed: 4, broken: 0, greatest: 0 } as const
    assert.deepStrictEqual(impossible(reported, "running"), [])
    for (const wrong of [
      { ...reported, connected: 0, subscribed: 0 },
      { ...reported, broken: 1 },
      { ...reported, connected: 3 },
      { ...reported, phase: "connecting", connected: 2, subscribed: 0 },
      { ...reported, phase: "connecting", connected: 0, subscribed: 0, greatest: NO_STEP },
      { ...reported, phase: "subscribing", greatest: NO_STEP }
    ] as const)
      assert.isNotEmpty(impossible(wrong), JSON.stringify(wrong))
    assert.isNotEmpty(impossible(reported, "none"))
  })
})
