import * as Schema from "effect/Schema"
import { Connect, straight } from "./Connect.ts"
import { FigureName, Timeout } from "./Fields.ts"
import { Scenario } from "./Scenario.ts"
import { Assignments, Step } from "./Step.ts"

const fields = Scenario.fields

/** One of several scenarios. The fields around it in the file are the defaults for its own. */
const Part = Schema.Struct({
  name: FigureName,
  /** How many of the clients have it, against the weights of the others. */
  weight: Schema.optionalWith(Schema.Int.pipe(Schema.between(1, 1000)), { default: () => 1 }),
  connect: Schema.optional(
    Connect.pipe(
      Schema.filter(({ tls }) => (tls?.ca ?? tls?.cert ?? tls?.key) === undefined, {
        message: () => "certificates are those of the whole run: name them in connect.tls of the file"
      })
    )
  ),
  timeout: Schema.optional(Timeout),
  /** Set behind those that are for all. */
  variables: Schema.optional(Assignments),
  unmatched: Schema.optional(Schema.Literal("fail", "ignore")),
  steps: Schema.Array(Step).pipe(Schema.minItems(1))
})

/** Several scenarios for one run, of which each client has one. */
export const ScenarioSet = Schema.Struct({
  name: fields.name,
  connect: Schema.optionalWith(Connect, { default: () => straight }),
  timeout: fields.timeout,
  data: fields.data,
  variables: fields.variables,
  unmatched: fields.unmatched,
  scenarios: Schema.NonEmptyArray(Part).pipe(
    Schema.filter((parts) => {
      const names = parts.map(({ name }) => name)
      const twice = names.find((name, index) => names.indexOf(name) < index)
      return twice === undefined ? undefined : `two scenarios are named ${twice}`
    })
  )
})
type ScenarioSet = typeof ScenarioSet.Type

/** A scenario that a part of the clients has. */
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
    steps: part.steps
  }
})

export const scenariosOf = (set: ScenarioSet): readonly [Weighted, ...Array<Weighted>] => {
  const [first, ...others] = set.scenarios
  return [resolve(set, first), ...others.map((part) => resolve(set, part))]
}

/**
 * Which scenario each client has: as many of each as its weight says among as many clients as all weights together, spread
 * evenly, the same in every run (the smooth weighted round robin of nginx).
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

/** Which scenario a client has. */
export interface Turn {
  readonly scenario: number
  /** Its place among the clients of that scenario, from 0. */
  readonly place: number
}

/** The turn of each client, by its number from 1. */
export const turnsOf = (weights: ReadonlyArray<number>): ((client: number) => Turn) => {
  const order = turns(weights)
  const before = order.map((scenario, at) => order.slice(0, at).filter((other) => other === scenario).length)
  return (client) => {
    const at = (client - 1) % order.length
    const scenario = order[at]!
    return { scenario, place: Math.floor((client - 1) / order.length) * weights[scenario]! + before[at]! }
  }
}
