/** `--agents`: the machines that share a run, and how far their clocks are apart. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as ClockOffset from "../../../Echo/Agents/ClockOffset.ts"
import * as Fleet from "../../../Echo/Agents/Fleet.ts"
import type { LoadRun, PlanError } from "../../../Echo/Load/LoadRun.ts"
import type { ReportFile } from "../../../Echo/Report/ReportJson.ts"
import type { LoadPlan } from "../../../Echo/Scenario/LoadPlan.ts"
import { about } from "../../About.ts"
import * as Output from "../../Output.ts"
import { UserError } from "../../UserError.ts"
import type { EchoOptions } from "../EchoOptions.ts"
import * as EchoNats from "./EchoNats.ts"

const milliseconds = (value: number): string => `${value.toFixed(1)} ms`

const userError = ({ message }: { readonly message: string }) => new UserError({ message })

/** The lines about the clocks before a run. */
const clocks = ({ agents }: Fleet.Fleet): ReadonlyArray<string> => {
  const { ahead, uncertainty } = ClockOffset.spread(agents.map(({ clock }) => clock))
  return [
    `agents: ${agents.map(({ clock, name }) => `${name} (clock ${clock.ahead < 0 ? "" : "+"}${milliseconds(clock.ahead)})`).join(", ")}`,
    `Their clocks are up to ${milliseconds(ahead)} apart, known to ${milliseconds(uncertainty)}. Round trips are taken by one clock each, and exact. ` +
      `Seconds of the agents are the same to ${milliseconds(uncertainty)}; a time that one agent stamps into a message and another one reads is wrong by up to ${milliseconds(ahead + uncertainty)}.`
  ]
}

/** Tells which clocks were moved since the agents were engaged, and notes it. */
const tellMoved = (fleet: Fleet.Fleet, moved: Map<string, number>) =>
  fleet.moved.pipe(
    Effect.flatMap(
      Effect.forEach(([name, by]) => {
        moved.set(name, by)
        return Output.note(
          `warning: the clock of ${name} was moved by ${milliseconds(by)} meanwhile: its seconds may be others than those of the rest`
        )
      })
    ),
    // One that died is in the report.
    Effect.ignore
  )

/** The machines that share the runs of a command. */
export interface EchoFleet {
  readonly run: (plan: LoadPlan) => Effect.Effect<LoadRun, PlanError | UserError, Scope.Scope>
  /** Tells which clocks were moved since the agents were engaged. */
  readonly tellMoved: Effect.Effect<void>
  /** The machines, with what is known of their clocks by now. */
  readonly unsafeAgents: () => NonNullable<ReportFile["agents"]>
}

/** The agents, once they are engaged, and told of; nothing without `--agents`. */
export const gather = Effect.fn("EchoFleet.gather")(function* ({ agents, force, nats, natsCreds, quiet }: EchoOptions) {
  if (Option.isNone(agents) || Option.isNone(nats)) return undefined
  const connection = yield* EchoNats.connect("--nats", nats.value, natsCreds, "echo")
  const fleet = yield* Effect.mapError(
    Fleet.gather({ connection, agents: agents.value, version: about.version, force }),
    userError
  )
  if (!quiet) yield* Output.note(...clocks(fleet))
  const output = yield* Output.Output
  const moved = new Map<string, number>()
  return {
    run: (plan) => Effect.catchTag(fleet.run(plan), "AgentError", userError),
    tellMoved: Effect.provideService(tellMoved(fleet, moved), Output.Output, output),
    unsafeAgents: () =>
      fleet.agents.map(({ clock, name }) => ({
        name,
        clockAheadMs: clock.ahead,
        clockUncertaintyMs: clock.uncertainty,
        clockMovedMs: moved.get(name) ?? null
      }))
  } satisfies EchoFleet
})
