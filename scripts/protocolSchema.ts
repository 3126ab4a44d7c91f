/** Adds the protocols on top of WebSockets, with their own steps, to the JSON Schema of scenario files. */
import * as JSONSchema from "effect/JSONSchema"
import type * as Schema from "effect/Schema"
import { protocols } from "../src/Echo/Scenario/Protocols.ts"

type Node = { readonly [key: string]: unknown }

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && !Array.isArray(value)

const nodeOf = (value: unknown): Node => (isNode(value) ? value : {})

const mapValues = (node: Node, change: (value: unknown, key: string) => unknown): Node =>
  Object.fromEntries(Object.entries(node).map(([key, value]) => [key, change(value, key)]))

const STEP = "#/$defs/Step"

/** Any step: what it may be depends on the protocol. */
const ANY_STEP = { type: "object", title: "step" }

const hasSteps = (value: unknown): boolean => JSON.stringify(value).includes(`"${STEP}"`)

/** The same node at this place of the file, with other steps. What has no steps is not repeated. */
const withSteps = (node: unknown, place: string, step: Node): unknown => {
  if (!isNode(node) || node["$ref"] === STEP) return step
  if (!hasSteps(node)) return { $ref: place }
  return mapValues(node, (value, key) => {
    if (key === "items") return withSteps(value, `${place}/items`, step)
    if (key !== "properties" || !isNode(value)) return value
    return mapValues(value, (each, name) => withSteps(each, `${place}/properties/${name}`, step))
  })
}

/** The same node, in which each step may be any. */
const withAnySteps = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withAnySteps)
  if (!isNode(value)) return value
  return value["$ref"] === STEP ? ANY_STEP : mapValues(value, withAnySteps)
}

/** Only the parts of a node in which there are steps; `undefined` if there are none. */
const stepsIn = (value: unknown, step: Node): Node | undefined => {
  if (!isNode(value)) return undefined
  if (value["$ref"] === STEP) return step
  if (value["items"] !== undefined) {
    const items = stepsIn(value["items"], step)
    return items === undefined ? undefined : { items }
  }
  const inside = Object.entries(nodeOf(value["properties"])).flatMap(([name, each]) => {
    const found = stepsIn(each, step)
    return found === undefined ? [] : [[name, found] as const]
  })
  return inside.length === 0 ? undefined : { properties: Object.fromEntries(inside) }
}

const definitionOf = (name: string): string => `Step-${name}`

/** The schema of a value of a protocol. What Effect writes for `Unknown` has an id, which must not occur twice in a file. */
const schemaOf = ({ schema: checked }: { readonly schema: Schema.Schema.AnyNoContext }): Node => {
  const { $defs: _, $schema: __, ...schema } = JSONSchema.make(checked)
  const cleaned = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(cleaned)
    if (!isNode(value)) return value
    return value["$id"] === undefined ? mapValues(value, cleaned) : {}
  }
  return nodeOf(cleaned(schema))
}

/** The steps of a scenario with a protocol: those of every scenario, and its own. */
const stepWith = (plain: Node, own: Node, definition: string): Node => {
  const step = { $ref: `#/$defs/${definition}` }
  const properties = mapValues(nodeOf(plain["properties"]), (value, name) =>
    withSteps(value, `${STEP}/properties/${name}`, step)
  )
  const kinds = Object.keys({ ...properties, ...own }).filter((kind) => kind !== "name")
  return {
    ...plain,
    properties: { ...own, ...properties },
    allOf: [{ oneOf: kinds.map((kind) => ({ required: [kind] })) }]
  }
}

const FILE = { type: "string", pattern: "^\\.{0,2}/" }

const used = (name: Node): Node => ({
  required: ["protocol"],
  properties: { protocol: { anyOf: [name, { type: "object", required: ["name"], properties: { name } }] } }
})

const names = Object.keys(protocols)

const protocol = {
  description:
    "A protocol on top of WebSockets with steps of its own: its name, or a file; {name, ...}: with its options",
  anyOf: [
    { type: "string", enum: names },
    FILE,
    {
      type: "object",
      required: ["name"],
      properties: { name: { anyOf: [{ type: "string", enum: names }, FILE] } }
    }
  ]
}

const optionsOf = ({ begin }: (typeof protocols)[string]): Node => {
  const { description, properties } = begin === undefined ? {} : schemaOf(begin)
  const name = { type: "string" }
  return { description, properties: { name, ...nodeOf(properties) }, additionalProperties: false }
}

const conditional = (condition: Node, consequence: Node): Node => ({
  if: condition,
  // biome-ignore lint/suspicious/noThenProperty: the word of JSON Schema
  then: consequence
})

/** A scenario, or several, whose steps are those of its protocol. */
const scenarioWith = (scenario: Node): Node => {
  const stepsOf = (step: Node) => ({ properties: nodeOf(stepsIn(scenario, step)?.["properties"]) })
  const own = Object.entries(protocols).map(([name, one]) => {
    const { properties } = stepsOf({ $ref: `#/$defs/${definitionOf(name)}` })
    return conditional(used({ const: name }), { properties: { protocol: optionsOf(one), ...properties } })
  })
  const { properties, ...others } = nodeOf(withAnySteps(scenario))
  return {
    ...others,
    properties: { protocol, ...nodeOf(properties) },
    allOf: [conditional({ not: { required: ["protocol"] } }, stepsOf({ $ref: STEP })), ...own]
  }
}

/** The schema of scenarios with protocols, from that of scenarios without. */
export const add = ({ $defs, anyOf, ...others }: Node): Node => {
  const plain = nodeOf(nodeOf($defs)["Step"])
  const steps = Object.entries(protocols).map(([name, { steps }]) => {
    const own = Object.fromEntries(Object.entries(steps).map(([kind, step]) => [kind, schemaOf(step)]))
    return [definitionOf(name), stepWith(plain, own, definitionOf(name))] as const
  })
  const scenarios = Array.isArray(anyOf) ? anyOf.map((scenario) => scenarioWith(nodeOf(scenario))) : []
  return { ...others, $defs: { ...nodeOf($defs), ...Object.fromEntries(steps) }, anyOf: scenarios }
}
