/** The startup barrier: tells workers when to subscribe and when to run. */
import * as Context from "effect/Context"
import * as ConnectionMetrics from "../Operations/ConnectionMetrics.ts"
import type { ServerConsole } from "../Operations/ServerConsole.ts"
import type { BarrierState } from "./BarrierState.ts"
import type { Census } from "./GameEvent.ts"

/** A worker as the barrier sees it. */
export interface Waiting {
  readonly subscribeNow: () => void
  readonly runNow: () => void
}

/** The functions are called inside chunks and run synchronously. Workers are this node's; the state is the whole game's. */
export class StartupBarrier extends Context.Tag("effect-c10k/Server/StartupBarrier")<
  StartupBarrier,
  {
    readonly unsafeState: () => BarrierState
    /** This node's counts of its workers, for the log. */
    readonly unsafeCensus: () => Census
    /** Another game has begun: forgets all workers. */
    readonly unsafeReset: () => void
    /** A worker connected: it is told to subscribe when all have, or at once if they had. */
    readonly unsafeConnect: (worker: Waiting) => void
    /** A worker subscribed: it is told to run when all have, or at once if they had. */
    readonly unsafeSubscribed: (worker: Waiting) => void
    /** A worker left; one that is not known, such as one of an earlier game, changes nothing. */
    readonly unsafeLeave: (worker: Waiting, isBroken?: boolean) => void
    /** The state changed: sends the workers the messages that they wait for. */
    readonly unsafeCounted: (before: BarrierState, after: BarrierState) => void
  }
>() {}

/** Workers between two lines of progress. */
const EVERY = 100

const nobody: Census = { connected: 0, subscribed: 0, came: 0, broke: 0 }

export interface BarrierContext {
  readonly state: () => BarrierState
  /** The census changed: the game's state is to be told of it. */
  readonly changed: () => void
  readonly console: Context.Tag.Service<ServerConsole>
}

export const make = ({ changed, console, state }: BarrierContext): Context.Tag.Service<StartupBarrier> => {
  let census = nobody
  /** Whether each worker has subscribed. */
  const workers = new Map<Waiting, boolean>()

  /** Lines for each hundred between two counts, and for the last. */
  const tell = (before: number, after: number, expected: number, what: string) => {
    const line = (count: number) => console.unsafeLine(`${String(count).padStart(5)} workers ${what}`)
    for (let count = before - (before % EVERY) + EVERY; count <= after; count += EVERY) line(count)
    if (after === expected && before < after && after % EVERY !== 0) line(after)
  }

  const change = (next: Partial<Census>) => {
    census = { ...census, ...next }
    changed()
  }

  return StartupBarrier.of({
    unsafeState: state,
    unsafeCensus: () => census,
    unsafeReset: () => {
      census = nobody
      workers.clear()
    },
    unsafeConnect: (worker) => {
      workers.set(worker, false)
      if (state().phase !== "connecting") worker.subscribeNow()
      change({ connected: census.connected + 1, came: census.came + 1 })
    },
    unsafeSubscribed: (worker) => {
      if (workers.get(worker) !== false) return
      workers.set(worker, true)
      if (state().phase === "running") {
        ConnectionMetrics.unsafeResumed()
        worker.runNow()
      }
      change({ subscribed: census.subscribed + 1 })
    },
    unsafeLeave: (worker, isBroken = false) => {
      const subscribed = workers.get(worker)
      if (subscribed === undefined) return
      workers.delete(worker)
      change({
        connected: census.connected - 1,
        subscribed: census.subscribed - (subscribed ? 1 : 0),
        broke: census.broke + (isBroken ? 1 : 0)
      })
    },
    unsafeCounted: (before, after) => {
      if (before.phase === "connecting") tell(before.connected, after.connected, after.expected, "connected")
      if (before.phase === "subscribing") tell(before.subscribed, after.subscribed, after.expected, "subscribed")
      if (before.phase === after.phase) return
      if (after.phase === "subscribing") {
        console.unsafeLine("Telling workers to subscribe")
        for (const each of workers.keys()) each.subscribeNow()
      } else {
        console.unsafeLine("Telling workers to run")
        for (const [each, hasSubscribed] of workers) if (hasSubscribed) each.runNow()
      }
    }
  })
}
