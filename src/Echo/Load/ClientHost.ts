import { PCGRandom } from "effect/Utils"
import type { Failure } from "../Measure/Failure.ts"
import type { Recorder } from "../Measure/Recorder.ts"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import type { Address, Player, Playing, Slot } from "../Scenario/Player.ts"
import type { Program } from "../Scenario/Program.ts"
import type { Script } from "../Scenario/Steps/Script.ts"
import type { Stateful } from "./ClientStates.ts"
import type { Dialer, DialHandler, Target } from "./Dialer.ts"
import { EarlyBudget } from "./EarlyMessages.ts"
import * as Flow from "./Flow.ts"
import type { RequesterOf } from "./HttpRequests.ts"
import type { Rows } from "./Rows.ts"
import { iterationsOf } from "./Slots.ts"
import type { DeadlineHeap } from "./Timers.ts"
import * as Trace from "./Trace.ts"

/** The run to which the clients belong. Times are milliseconds of its clock. A client's number counts from 1, over all processes. */
export interface Host {
  readonly flowOf: (client: number) => Flow.Flow
  readonly timers: DeadlineHeap
  readonly recorder: Recorder
  /** The memory that messages take before a step expects them. */
  readonly earlyBudget: EarlyBudget
  readonly now: () => number
  /** A uniform random number from 0 (included) to 1 (not included). */
  readonly random: () => number
  /** The scripts of the plan, by file. */
  readonly scripts: ReadonlyMap<string, Script>
  /** The k6 scripts of the plan, by file. */
  readonly players: ReadonlyMap<string, Player>
  /** Calls `act` when all data that has been read is handled. */
  readonly soon: (act: () => void) => void
  readonly environment: ReadonlyMap<string, string>
  /** Connects a client. `handler` gets the events of its connection. Returns a function that gives up. */
  readonly dial: (client: Stateful, handler: DialHandler) => () => void
  /** The same for a script of the client, which says where. */
  readonly dialTo: (client: Stateful, to: Address, handler: DialHandler) => () => void
  /** Gets everything that happens; `undefined` in a real run. */
  readonly trace: Trace.Trace["Type"] | undefined
  /** Sets the variables of a client from its rows of the data and from the environment. */
  readonly giveRows: (client: Stateful) => void
  readonly nextIteration: Playing["nextIteration"]
  /** When this client's next round is due; `NaN` if this is not known yet, 0 (at once) if the run has no rate. */
  readonly nextRound: (client: Stateful) => number
  /** Whether this client's open-ended repeat must end now. */
  readonly isOver: (client: Stateful) => boolean
  /** What scripts keep for a client that has none yet. */
  readonly takeSlot: (client: Stateful) => Slot
  /** The client has opened its connection, or may do so at any time. */
  readonly opened: (client: Stateful) => void
  readonly failedToOpen: (client: Stateful, failure: Failure) => void
}

/** What a run of this process has before it begins. */
export interface Equipment extends Pick<Host, "now" | "players" | "recorder" | "scripts" | "timers" | "trace"> {
  readonly plan: LoadPlan
  readonly programs: ReadonlyArray<Program>
  readonly dialer: Dialer["Type"]
  readonly requesterOf: RequesterOf
}

export const surroundings = (
  equipment: Equipment,
  rows: Rows
): Omit<Host, "nextRound" | "isOver" | "takeSlot" | "opened" | "failedToOpen"> => {
  const { dialer, now, plan, players, programs, recorder, requesterOf, scripts, timers, trace } = equipment
  const pcg = new PCGRandom(plan.seed, plan.share.index)
  const random = () => pcg.number()
  const dial = (client: Stateful, target: Target, handler: DialHandler) =>
    trace === undefined ? dialer.unsafeDial(target, handler) : Trace.dial(trace, dialer, target, client, handler)
  return {
    ...{ now, players, random, recorder, scripts, timers, trace },
    earlyBudget: new EarlyBudget(),
    flowOf: Flow.make(plan, programs, recorder.named, requesterOf),
    soon: (act) => void setImmediate(act),
    dial: (client, handler) => dial(client, client.flow.targetOf(client.values), handler),
    dialTo: (client, to, handler) => dial(client, client.flow.targetFor(client.values, to), handler),
    giveRows: ({ client, values }) => rows.give(client, random, (name, value) => values.set(name, value)),
    environment: new Map([
      ...Object.entries(plan.environment).map(([name, value]) => [`env.${name}`, value] as const),
      ...Object.entries(plan.shared ?? {})
    ]),
    nextIteration: iterationsOf(plan.share)
  }
}
