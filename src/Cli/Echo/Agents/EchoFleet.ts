/** `--agents`: the agents that share a run, and the differences of their clocks. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ClockOffset from "../../../Echo/Agents/ClockOffset.ts"
import * as Fleet from "../../../Echo/Agents/Fleet.ts"
import type { ReportFile } from "../../../Echo/Report/ReportJson.ts"
import type { LoadPlan } from "../../../Echo/Scenario/LoadPlan.ts"
import { about } from "../../About.ts"
import * as Output from "../../Output.ts"
import { UserError } from "../../UserError.ts"
import type { EchoOptions } from "../EchoOptions.ts"
import * as EchoNats from "./EchoNats.ts"

const milliseconds = (value: number): string => `${value.toFixed(1)} ms`

const userError = ({ message }: { readonly message: string }) => UserError.of(message)

const clocks = ({ agents }: Fleet.Fleet): ReadonlyArray<string> => {
  const { ahead, uncertainty } = ClockOffset.spread(agents.map(({ clock }) => clock))
  return [
    `agents: ${agents.map(({ clock, name }) => `${name} (clock ${clock.ahead < 0 ? "" : "+"}${milliseconds(clock.ahead)})`).join(", ")}`,
    `Their clocks differ by up to ${milliseconds(ahead)}, measured to ${milliseconds(uncertainty)}. Round trips are exact, since one clock measures both ends. ` +
      `The seconds of the agents agree to ${milliseconds(uncertainty)}; the delivery time of a message between two agents is wrong by up to ${milliseconds(ahead + uncertainty)}.`
  ]
}

/** Warns about clocks that were adjusted since the agents were engaged, and remembers them in `moved`. */
const noteMovedClocks = (fleet: Fleet.Fleet, moved: Map<string, number>) =>
  fleet.moved.pipe(
    Effect.flatMap(
      Effect.forEach(([name, by]) => {
        moved.set(name, by)
        return Output.note(
          `warning: the clock of ${name} was adjusted by ${milliseconds(by)} during the run: its seconds may not agree with those of the other agents`
        )
      })
    ),
    // An agent that died does not answer. The report says that it died.
    Effect.ignore
  )

/** Engages the agents and prints them; returns `undefined` without `--agents`. */
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
    run: (plan: LoadPlan) => Effect.catchTag(fleet.run(plan), "AgentError", userError),
    noteMovedClocks: Effect.provideService(noteMovedClocks(fleet, moved), Output.Output, output),
    /** The agents, with what is known about their clocks until now. */
    unsafeAgents: (): NonNullable<ReportFile["agents"]> =>
      fleet.agents.map(({ clock, name }) => ({
        name,
        clockAheadMs: clock.ahead,
        clockUncertaintyMs: clock.uncertainty,
        clockMovedMs: moved.get(name) ?? null
      }))
  }
})

/** The agents that share the runs of a command. */
export type EchoFleet = NonNullable<Effect.Effect.Success<ReturnType<typeof gather>>>
