/**
 * The phases of a run as values, and the transitions between them, apart from `VirtualUsers`, which acts on them. Times are
 * milliseconds of the run's clock.
 */
import type { LoadPlan } from "../Scenario/LoadPlan.ts"

export type LoadPhase =
  /** Clients connect. The load begins when each of them has opened or failed. `yetToOpen` has those that have done neither. */
  | { readonly _tag: "Opening"; readonly yetToOpen: Set<object> }
  /** All clients of this process have opened or failed. Those of other processes may not have. */
  | { readonly _tag: "Opened" }
  /** The planned load lasts until `until`; `Infinity` without a duration. */
  | { readonly _tag: "Loading"; readonly until: number }
  /** The running conversations end, and no new one begins. */
  | { readonly _tag: "Ending"; readonly from: number }

export const opened: LoadPhase = { _tag: "Opened" }

export const opening = (clients: Iterable<object>): LoadPhase => ({ _tag: "Opening", yetToOpen: new Set(clients) })

/** The phase after `client` opened, failed or retired. It changes the set in place, because the set may have tens of thousands of clients. */
export const afterOpening = (phase: LoadPhase, client: object): LoadPhase =>
  phase._tag === "Opening" && phase.yetToOpen.delete(client) && phase.yetToOpen.size === 0 ? opened : phase

/** The load begins at `now`. The warm-up comes before the duration. */
export const loading = ({ duration, warmUp = 0 }: LoadPlan, now: number): LoadPhase => ({
  _tag: "Loading",
  until: duration === undefined ? Infinity : now + warmUp + duration
})

/** When the load is over; `Infinity` before it began. */
export const endOf = (phase: LoadPhase): number => {
  if (phase._tag === "Loading") return phase.until
  return phase._tag === "Ending" ? phase.from : Infinity
}

/** The load ends at `now`, if it did not end before. */
export const ending = (phase: LoadPhase, now: number): LoadPhase => ({
  _tag: "Ending",
  from: Math.min(endOf(phase), now)
})
