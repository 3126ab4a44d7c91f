import * as Arr from "effect/Array"
import * as Schema from "effect/Schema"
import { Connect } from "./Connect.ts"
import { FigureName } from "./Fields.ts"
import { Scenario } from "./Scenario.ts"
import { Assignments } from "./Steps/Set.ts"

/** The fields of a scenario that belong to the whole file, as defaults or for all of its scenarios. */
const { steps, ...common } = Scenario.fields

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
  timeout: common.timeout,
  /** Set after the variables of the file. */
  variables: Schema.optional(Assignments),
  unmatched: Schema.optional(Schema.Literal("fail", "ignore")),
  replies: common.replies,
  /** Rules in place of those of the file. */
  on: common.on,
  every: common.every,
  steps
})

/** Several scenarios for one run. Each client has one of them. */
export const ScenarioSet = Schema.Struct({
  ...common,
  scenarios: Schema.NonEmptyArray(Part).pipe(
    Schema.filter((parts) => {
      const names = parts.map(({ name }) => name)
      const twice = names.find((name, index) => names.indexOf(name) < index)
      return twice === undefined ? undefined : `two scenarios have the name ${twice}`
    })
  )
})
type ScenarioSet = typeof ScenarioSet.Type

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

const resolve = ({ scenarios: _, ...set }: ScenarioSet, { weight, ...part }: typeof Part.Type): Weighted => ({
  weight,
  scenario: {
    ...set,
    ...part,
    connect: part.connect === undefined ? set.connect : together(set.connect, part.connect),
    variables: { ...set.variables, ...part.variables },
    unmatched: part.unmatched ?? set.unmatched
  }
})

export const scenariosOf = (set: ScenarioSet) => Arr.map(set.scenarios, (part) => resolve(set, part))

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
