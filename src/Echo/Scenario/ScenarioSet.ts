import * as Schema from "effect/Schema"
import { Connect, straight } from "./Connect.ts"
import { FigureName, Timeout } from "./Fields.ts"
import { Replies } from "./Replies.ts"
import { Every, On } from "./Rules.ts"
import { Scenario } from "./Scenario.ts"
import { Step } from "./Step.ts"
import { Assignments } from "./Steps/Set.ts"

const fields = Scenario.fields

/** One of several scenarios. The fields of the file are the defaults for its fields. */
const Part = Schema.Struct({
  name: FigureName,
  /** The share of the clients that have this scenario, relative to the weights of the others. */
  weight: Schema.optionalWith(Schema.Int.pipe(Schema.between(1, 1000)), { default: () => 1 }),
  connect: Schema.optional(
    Connect.pipe(
      Schema.filter(({ tls }) => (tls?.ca ?? tls?.cert ?? tls?.key) === undefined, {
        message: () => "certificates are the same for the whole run: put them into connect.tls of the file"
      })
    )
  ),
  timeout: Schema.optional(Timeout),
  /** Set after the variables of the file. */
  variables: Schema.optional(Assignments),
  unmatched: Schema.optional(Schema.Literal("fail", "ignore")),
  replies: Schema.optional(Replies),
  /** Rules in place of those of the file. */
  on: Schema.optional(On),
  every: Schema.optional(Every),
  steps: Schema.Array(Step).pipe(Schema.minItems(1))
})

/** Several scenarios for one run. Each client has one of them. */
export const ScenarioSet = Schema.Struct({
  name: fields.name,
  connect: Schema.optionalWith(Connect, { default: () => straight }),
  timeout: fields.timeout,
  data: fields.data,
  variables: fields.variables,
  unmatched: fields.unmatched,
  lines: fields.lines,
  thresholds: fields.thresholds,
  abortOn: fields.abortOn,
  replies: fields.replies,
  on: fields.on,
  every: fields.every,
  setup: fields.setup,
  teardown: fields.teardown,
  scenarios: Schema.NonEmptyArray(Part).pipe(
    Schema.filter((parts) => {
      const names = parts.map(({ name }) => name)
      const twice = names.find((name, index) => names.indexOf(name) < index)
      return twice === undefined ? undefined : `two scenarios have the name ${twice}`
    })
  )
})
type ScenarioSet = typeof ScenarioSet.Type

/** A scenario and its weight. */
export const Weighted = Schema.Struct({ weight: Schema.Number, scenario: Schema.typeSchema(Scenario) })
export type Weighted = typeof Weighted.Type

const together = (all: Connect, own: Connect): Connect => ({
  ...all,
  ...own,
  ...((all.tls ?? own.tls) === undefined ? {} : { tls: { ...all.tls, ...own.tls } }),
  headers: { ...all.headers, ...own.headers },
  cookies: { ...all.cookies, ...own.cookies },
  subprotocols: own.subprotocols.length > 0 ? own.subprotocols : all.subprotocols
})

const resolve = (set: ScenarioSet, part: typeof Part.Type): Weighted => ({
  weight: part.weight,
  scenario: {
    name: part.name,
    connect: part.connect === undefined ? set.connect : together(set.connect, part.connect),
    timeout: part.timeout ?? set.timeout,
    data: set.data,
    variables: { ...set.variables, ...part.variables },
    unmatched: part.unmatched ?? set.unmatched,
    lines: set.lines,
    thresholds: set.thresholds,
    abortOn: set.abortOn,
    replies: part.replies ?? set.replies,
    on: part.on ?? set.on,
    every: part.every ?? set.every,
    setup: set.setup,
    teardown: set.teardown,
    steps: part.steps
  }
})

export const scenariosOf = (set: ScenarioSet): readonly [Weighted, ...Array<Weighted>] => {
  const [first, ...others] = set.scenarios
  return [resolve(set, first), ...others.map((part) => resolve(set, part))]
}

/**
 * The scenario of each client, for as many clients as the sum of all weights. Each scenario occurs as often as its weight says.
 * The order is evenly mixed and the same in every run (nginx's smooth weighted round robin).
 */
export const turns = (weights: ReadonlyArray<number>): ReadonlyArray<number> => {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const credit = weights.map(() => 0)
  return Array.from({ length: total }, () => {
    for (const [index, weight] of weights.entries()) credit[index]! += weight
    const chosen = credit.indexOf(Math.max(...credit))
    credit[chosen]! -= total
    return chosen
  })
}

/** The scenario of a client. */
export interface Turn {
  readonly scenario: number
  /** The client's place among the clients of this scenario, from 0. */
  readonly place: number
}

/** Returns a function that gives the turn of a client by its number, from 1. */
export const turnsOf = (weights: ReadonlyArray<number>): ((client: number) => Turn) => {
  const order = turns(weights)
  const before = order.map((scenario, at) => order.slice(0, at).filter((other) => other === scenario).length)
  return (client) => {
    const at = (client - 1) % order.length
    const scenario = order[at]!
    return { scenario, place: Math.floor((client - 1) / order.length) * weights[scenario]! + before[at]! }
  }
}
