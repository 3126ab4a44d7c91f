import * as Schema from "effect/Schema"
import { Ramp } from "./Ramp.ts"
import { Scenario } from "./Scenario.ts"
import { Weighted } from "./ScenarioSet.ts"
import { Stage } from "./Stages.ts"
import { Table } from "./Table.ts"

/** A file that a scenario sends: its text, or its bytes in base64. */
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

/** All that a run depends on. The processes of a run share one plan and differ in `share` only. */
export const LoadPlan = Schema.Struct({
  scenario: Schema.typeSchema(Scenario),
  /** All scenarios, if there are several; `scenario` is the first. */
  scenarios: Schema.optional(Schema.Array(Weighted)),
  files: Schema.Record({ key: Schema.String, value: FileContent }),
  /** The data of the scenario, by name, and the variables of the environment that it uses. */
  tables: Schema.Record({ key: Schema.String, value: Table }),
  environment: Schema.Record({ key: Schema.String, value: Schema.String }),
  /** The clients take them in turn. */
  urls: Schema.NonEmptyArray(Schema.String),
  /** The source addresses, taken in turn; empty: the system's choice. */
  localAddresses: Schema.Array(Schema.String),
  /** The ports to connect from, first and last, where there are source addresses. */
  localPorts: Schema.Tuple(Schema.Number, Schema.Number),
  /** The contents (PEM) of the files that `connect.tls` names: certificates to trust, and the clients' own with its key. */
  certificates: Certificates,
  clients: Schema.Number,
  ramp: Ramp,
  /**
   * An open model of clients: `ramp` is a schedule, each client of it comes at its time, holds one conversation and is gone.
   * One that would come while `most` are there is not started. Absent: all clients are there at one time.
   */
  arrivals: Schema.optional(Schema.Struct({ most: Schema.optional(Schema.Number) })),
  /** Messages a second over all clients, at planned times; absent: each client sends when its conversation says so. */
  rate: Schema.optional(Schema.Number),
  /** The schedule of messages that `rate` is the mean of; absent: `rate` all the time. */
  rateStages: Schema.optional(Schema.Array(Stage)),
  /** Milliseconds of load once every client has opened; absent: one conversation a client. */
  duration: Schema.optional(Schema.Number),
  /** Milliseconds at the beginning of the load, before `duration`, that count in no figure. */
  warmUp: Schema.optional(Schema.Number),
  /** Milliseconds for connecting, for a reply and for closing, where the scenario names no other. */
  timeout: Schema.Number,
  seed: Schema.Number,
  /** The clients of this process: number `index`, `index + of`, ... counted from 0. */
  share: Schema.Struct({ index: Schema.Number, of: Schema.Number })
})
export type LoadPlan = typeof LoadPlan.Type

/** The numbers of the clients of this share, from 1. */
export const clientsOf = (plan: LoadPlan): ReadonlyArray<number> => {
  const numbers: Array<number> = []
  for (let client = plan.share.index + 1; client <= plan.clients; client += plan.share.of) numbers.push(client)
  return numbers
}

/** The scenarios of a plan, with their weights. */
export const scenariosOf = (plan: Pick<LoadPlan, "scenario" | "scenarios">): ReadonlyArray<Weighted> =>
  plan.scenarios ?? [{ weight: 1, scenario: plan.scenario }]

/** The urls of one scenario of a plan: its own where several have their own. */
export const urlsOf = (plan: Pick<LoadPlan, "urls" | "scenarios">, { connect }: Scenario): LoadPlan["urls"] =>
  plan.scenarios === undefined || connect.url === undefined ? plan.urls : [connect.url]
