import type { NamedRecorder, Names } from "../Measure/Named.ts"
import * as Compress from "../Scenario/Compress.ts"
import type { Requester } from "../Scenario/HttpRequest.ts"
import { type LoadPlan, scenariosOf, urlsOf } from "../Scenario/LoadPlan.ts"
import type { Address } from "../Scenario/Player.ts"
import type { Program } from "../Scenario/Program.ts"
import { turnsOf } from "../Scenario/ScenarioSet.ts"
import type { ClientValues } from "./ClientValues.ts"
import type { Target } from "./Dialer.ts"
import type { RequesterOf } from "./HttpRequests.ts"
import { LocalPorts } from "./LocalPorts.ts"
import * as Targets from "./Targets.ts"

const counts = ["started", "completed", "failed", "sent", "received"] as const

/** The names of the figures that each of several scenarios has for itself. */
export const figuresOf = (name: string): Names => ({
  times: [`scenario.${name}.rtt`],
  counts: counts.map((count) => `scenario.${name}.${count}`)
})

/** Counts for one of several scenarios, in addition to the recorder's counts for all. */
const recording = (name: string, named: NamedRecorder) => ({
  count: (what: (typeof counts)[number]) => named.count(`scenario.${name}.${what}`),
  roundTrip: (time: number) => named.record(`scenario.${name}.rtt`, time)
})

/** What the clients of one scenario share. */
export interface Flow {
  readonly program: Program
  readonly targetOf: (values: ClientValues) => Target
  /** Where a script of the client connects. Throws a `RenderError` if the URL is none. */
  readonly targetFor: (values: ClientValues, to: Address) => Target
  readonly request: Requester
  readonly offersCompression: boolean
  /** The figure of a step without a name, by its number. */
  readonly stepFigure: (step: number) => string
  /** `undefined` if all clients have the same scenario. */
  readonly figures: ReturnType<typeof recording> | undefined
}

/** The flow of each client of a plan, by its number. */
export const make = (
  plan: LoadPlan,
  programs: ReadonlyArray<Program>,
  named: NamedRecorder,
  requesterOf: RequesterOf
): ((client: number) => Flow) => {
  const scenarios = scenariosOf(plan)
  const turns = turnsOf(scenarios.map(({ weight }) => weight))
  const ports = new LocalPorts(plan.localPorts, plan.share)
  const flows = programs.map((program, index): Flow => {
    const { scenario } = scenarios[index]!
    const target = Targets.make(plan, scenario, urlsOf(plan, scenario), program.timeout, ports)
    return {
      program,
      offersCompression: Compress.optionsOf(scenario.connect.compress) !== undefined,
      targetOf: (values) => target(values, turns(values.client).place),
      targetFor: (values, to) => target(values, turns(values.client).place, to),
      request: requesterOf(scenario.connect),
      stepFigure: (step) => (plan.scenarios === undefined ? `step.${step}` : `scenario.${scenario.name}.step.${step}`),
      figures: plan.scenarios === undefined ? undefined : recording(scenario.name, named)
    }
  })
  return (client) => flows[turns(client).scenario]!
}
