/** The startup barrier: tells workers when to subscribe and when to run. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ConnectionMetrics from "../Operations/ConnectionMetrics.ts"
import { ServerConsole } from "../Operations/ServerConsole.ts"
import * as BarrierState from "./BarrierState.ts"

/** A worker as the barrier sees it. */
export interface Waiting {
  readonly subscribeNow: () => void
  readonly runNow: () => void
}

/** The functions are called inside chunks and run at once. */
export class StartupBarrier extends Context.Tag("effect-c10k/Server/StartupBarrier")<
  StartupBarrier,
  {
    readonly unsafeState: () => BarrierState.BarrierState
    /** Forgets all workers and waits for `expected` others. */
    readonly unsafeReset: (expected: number) => void
    /** A worker connected: it is told to subscribe when all have, or at once if they had. */
    readonly unsafeConnect: (worker: Waiting) => void
    /** A worker subscribed: it is told to run when all have, or at once if they had. */
    readonly unsafeSubscribed: (worker: Waiting) => void
    /** A worker left; one that is not known, such as one of an earlier game, changes nothing. */
    readonly unsafeLeave: (worker: Waiting, isBroken?: boolean) => void
  }
>() {
  static readonly layer = (expected: number): Layer.Layer<StartupBarrier, never, ServerConsole> =>
    Layer.effect(StartupBarrier, make(expected))
}

/** Workers between two lines of progress. */
const EVERY = 100

const make = Effect.fnUntraced(function* (expected: number) {
  const console = yield* ServerConsole
  let state = BarrierState.make(expected)
  /** Whether each worker has subscribed. */
  const workers = new Map<Waiting, boolean>()

  const tell = (count: number, what: string) => {
    if (count % EVERY === 0 || count === state.expected)
      console.unsafeLine(`${String(count).padStart(5)} workers ${what}`)
  }

  return StartupBarrier.of({
    unsafeState: () => state,
    unsafeReset: (expected) => {
      state = BarrierState.make(expected)
      workers.clear()
    },
    unsafeConnect: (worker) => {
      const before = state.phase
      state = BarrierState.connect(state)
      workers.set(worker, false)
      if (before !== "connecting") return worker.subscribeNow()
      tell(state.connected, "connected")
      if (state.phase === "connecting") return
      console.unsafeLine("Telling workers to subscribe")
      for (const each of workers.keys()) each.subscribeNow()
    },
    unsafeSubscribed: (worker) => {
      if (workers.get(worker) !== false) return
      const before = state.phase
      state = BarrierState.subscribe(state)
      workers.set(worker, true)
      if (before === "running") {
        ConnectionMetrics.unsafeResumed()
        return worker.runNow()
      }
      tell(state.subscribed, "subscribed")
      if (state.phase !== "running") return
      console.unsafeLine("Telling workers to run")
      for (const [each, hasSubscribed] of workers) if (hasSubscribed) each.runNow()
    },
    unsafeLeave: (worker, isBroken) => {
      const subscribed = workers.get(worker)
      if (subscribed === undefined) return
      workers.delete(worker)
      state = BarrierState.leave(state, subscribed, isBroken)
    }
  })
})
