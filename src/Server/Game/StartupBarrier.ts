/** The startup barrier: tells workers when to subscribe and when to run. */
import * as Context from "effect/Context"
import * as ConnectionMetrics from "../Operations/ConnectionMetrics.ts"
import type { ServerConsole } from "../Operations/ServerConsole.ts"
import type { BarrierState } from "./BarrierState.ts"
import type { Census } from "./GameEvent.ts"

/** The part of a worker that the barrier uses. */
export interface Waiting {
  readonly subscribeNow: () => void
  readonly runNow: () => void
}

/** The functions run synchronously inside chunks. The workers are this node's, and the state is the whole game's. */
export class StartupBarrier extends Context.Tag("effect-c10k/Server/StartupBarrier")<
  StartupBarrier,
  {
    readonly unsafeState: () => BarrierState
    /** The counts of this node's workers, for the log. */
    readonly unsafeCensus: () => Census
    /** Another game has begun: forgets all workers. */
    readonly unsafeReset: () => void
    /** A worker connected. It is told to subscribe when all have connected, or at once if they had before. */
    readonly unsafeConnect: (worker: Waiting) => void
    /** A worker subscribed. It is told to run when all have subscribed, or at once if they had before. */
    readonly unsafeSubscribed: (worker: Waiting) => void
    /** A worker left. An unknown one, such as one of an earlier game, changes nothing. */
    readonly unsafeLeave: (worker: Waiting, isBroken?: boolean) => void
    /** The state changed. Sends the workers the messages that they wait for. */
    readonly unsafeCounted: (before: BarrierState, after: BarrierState) => void
  }
>() {}

/** The least number of workers between two progress lines, and the most lines of a game in each phase. */
const EVERY = 100
const LINES = 100

const nobody: Census = { connected: 0, subscribed: 0, came: 0, broke: 0 }

export interface BarrierContext {
  readonly state: () => BarrierState
  /** Called when the census changed, so that it is written to the log. */
  readonly changed: () => void
  readonly console: ServerConsole["Type"]
}

export const make = ({ changed, console, state }: BarrierContext): StartupBarrier["Type"] => {
  let census = nobody
  /** Whether each worker has subscribed. */
  const workers = new Map<Waiting, boolean>()

  /** The highest count that was printed in each phase. Workers that come and go write no lines again. */
  const printed = { connected: 0, subscribed: 0 }

  /** Prints a line for each hundred up to a count (more in a large game), and for the last one. */
  const printProgress = (after: number, expected: number, what: keyof typeof printed) => {
    const every = EVERY * Math.max(1, Math.ceil(expected / (EVERY * LINES)))
    const line = (count: number) => {
      printed[what] = count
      console.unsafeProgress(`${String(count).padStart(5)} workers ${what}`)
    }
    for (let count = printed[what] - (printed[what] % every) + every; count <= after; count += every) line(count)
    if (after === expected && printed[what] < after) line(after)
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
      printed.connected = printed.subscribed = 0
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
      if (before.phase === "connecting") printProgress(after.connected, after.expected, "connected")
      if (before.phase === "subscribing") printProgress(after.subscribed, after.expected, "subscribed")
      if (before.phase === "running" && before.connected > 0 && after.connected === 0)
        console.unsafeLine(`All ${after.expected} workers have left: the game has ended, unless they come back`)
      if (before.phase === after.phase) return
      if (after.phase === "subscribing") {
        console.unsafeProgress("Telling workers to subscribe")
        for (const each of workers.keys()) each.subscribeNow()
      } else {
        console.unsafeProgress("Telling workers to run", `a game of ${after.expected} workers is running`)
        for (const [each, hasSubscribed] of workers) if (hasSubscribed) each.runNow()
      }
    }
  })
}
