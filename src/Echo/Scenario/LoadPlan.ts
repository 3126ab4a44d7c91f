import * as Arr from "effect/Array"
import * as Schema from "effect/Schema"
import * as Count from "../../Text/Count.ts"
import { describeTimeSpan } from "../../Text/TimeSpan.ts"
import { completeUrl } from "./Connect.ts"
import * as Ramp from "./Ramp.ts"
import { Scenario } from "./Scenario.ts"
import { Weighted } from "./ScenarioSet.ts"
import * as Stages from "./Stages.ts"
import { Table } from "./Table.ts"

/** The content of a file that a scenario sends: text, or bytes in base64. */
export const FileContent = Schema.Union(
  Schema.Struct({ text: Schema.String }),
  Schema.Struct({ base64: Schema.String })
)

const Certificates = Schema.Struct({
  ca: Schema.optional(Schema.String),
  cert: Schema.optional(Schema.String),
  key: Schema.optional(Schema.String)
})
export type Certificates = typeof Certificates.Type

/** Everything on which a run depends. All processes of a run have the same plan, except for `share`. */
export const LoadPlan = Schema.Struct({
  scenario: Schema.typeSchema(Scenario),
  /** All scenarios, if there are several; `scenario` is the first. */
  scenarios: Schema.optional(Schema.Array(Weighted)),
  /** The directory to which the paths of scripts are relative; absent for a built-in scenario. */
  directory: Schema.optional(Schema.String),
  files: Schema.Record({ key: Schema.String, value: FileContent }),
  /** The data of the scenario, by name. `environment` has the variables of the environment that the scenario uses. */
  tables: Schema.Record({ key: Schema.String, value: Table }),
  environment: Schema.Record({ key: Schema.String, value: Schema.String }),
  /** The variables that the scenario's `setup` has set, for all clients. */
  shared: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String })),
  /** Whether this is the `setup` or `teardown` of another plan. It connects only if a step needs the connection. */
  isOnce: Schema.optional(Schema.Boolean),
  /** The clients use the URLs in turn. */
  urls: Schema.NonEmptyArray(Schema.String),
  /** The source addresses, used in turn. Empty: the system chooses. */
  localAddresses: Schema.Array(Schema.String),
  /** The first and last port to connect from, if there are source addresses. */
  localPorts: Schema.Tuple(Schema.Number, Schema.Number),
  /** The contents (PEM) of the files in `connect.tls`: the trusted certificates, and the clients' certificate and key. */
  certificates: Certificates,
  clients: Schema.Number,
  ramp: Ramp.Ramp,
  /**
   * An open model of clients. `ramp` is a schedule: each client arrives at its time, holds one conversation and leaves. A client
   * that arrives while there are `most` clients does not start. Absent: a closed model, in which all clients are connected at the
   * same time.
   */
  arrivals: Schema.optional(Schema.Struct({ most: Schema.optional(Schema.Number) })),
  /** A closed model whose number of clients rises and falls by this schedule. `clients` is its most, and `duration` its length. */
  levels: Schema.optional(Schema.Array(Stages.Stage)),
  /** An open model of messages: the planned messages per second of all clients. Absent: each client sends when its conversation says so. */
  rate: Schema.optional(Schema.Number),
  /** The schedule of messages, whose mean is `rate`. Absent: a constant rate. */
  rateStages: Schema.optional(Schema.Array(Stages.Stage)),
  /** Milliseconds of load after every client has opened. Absent: one conversation per client. */
  duration: Schema.optional(Schema.Number),
  /** Milliseconds of load before `duration` that do not count. */
  warmUp: Schema.optional(Schema.Number),
  /** The timeout for connecting, for a reply and for closing, in milliseconds, if the scenario has no other. */
  timeout: Schema.Number,
  seed: Schema.Number,
  /** The clients of this process: the numbers `index`, `index + of`, ..., counted from 0. */
  share: Schema.Struct({ index: Schema.Number, of: Schema.Number })
})
export type LoadPlan = typeof LoadPlan.Type

export const shareOf = ({ clients, share }: Pick<LoadPlan, "clients" | "share">): number =>
  Math.max(0, Math.ceil((clients - share.index) / share.of))

/** The numbers of the clients of this share. They count from 1. */
export const clientsOf = (plan: LoadPlan): ReadonlyArray<number> =>
  Array.from({ length: shareOf(plan) }, (_, place) => plan.share.index + 1 + place * plan.share.of)

/** The plan of a scenario's `setup` or `teardown`, which one client runs once; `undefined` if there is none. */
export const onceOf = (plan: LoadPlan, which: "setup" | "teardown"): LoadPlan | undefined => {
  const { abortOn: _, thresholds: __, ...scenario } = plan.scenario
  const steps = scenario[which]
  return steps === undefined
    ? undefined
    : {
        ...withOneConversation(plan),
        scenario: { ...scenario, name: which, steps, data: {}, variables: {}, setup: undefined, teardown: undefined },
        scenarios: undefined,
        isOnce: true,
        tables: {},
        share: { index: 0, of: 1 }
      }
}

/** The plan with one client, which holds one conversation. */
export const withOneConversation = (plan: LoadPlan): LoadPlan => ({
  ...plan,
  clients: 1,
  ramp: { _tag: "Once" },
  arrivals: undefined,
  levels: undefined,
  rate: undefined,
  rateStages: undefined,
  duration: undefined,
  warmUp: undefined
})

export const describe = ({ clients, duration, levels, ramp, rate, scenario }: LoadPlan): string =>
  [
    `${scenario.name} conversation`,
    levels === undefined
      ? `${Count.format(clients)} clients connecting ${Ramp.describe(ramp)}`
      : `clients: ${Stages.describeLevels(levels)}`,
    ...(rate === undefined ? [] : [`${Count.format(rate)} messages per second`]),
    ...(duration === undefined ? [] : [`for ${describeTimeSpan(duration)}`])
  ].join(", ")

export const scenariosOf = (plan: Pick<LoadPlan, "scenario" | "scenarios">): ReadonlyArray<Weighted> =>
  plan.scenarios ?? [{ weight: 1, scenario: plan.scenario }]

/** The URLs of one scenario of a plan. If there are several scenarios, each may have its own. */
export const urlsOf = (
  { scenarios, urls }: Pick<LoadPlan, "urls" | "scenarios">,
  { connect }: Scenario
): LoadPlan["urls"] => {
  const own: LoadPlan["urls"] = scenarios === undefined || connect.url === undefined ? urls : [connect.url]
  return Arr.map(own, (url) => completeUrl(url, connect))
}
