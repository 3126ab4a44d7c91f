/** Converts Artillery's `match` and `capture` of a reply to an expectation. */
import * as Either from "effect/Either"
import * as JsonPath from "../../../../Echo/Scenario/JsonPath.ts"
import type { StepEncoded } from "../../../../Echo/Scenario/Step.ts"
import { merge, unlessEmpty, within } from "../Json.ts"
import type { Field } from "./Field.ts"
import { convertJson, type Meaning, type TemplateNames } from "./Templates.ts"

type Expect = Exclude<NonNullable<StepEncoded["expect"]>, string>
type Captures = NonNullable<Expect["capture"]>

/** Reads a path at the place of `field`. */
export const pathOf = (field: Field, text = field.text ?? ""): JsonPath.JsonPath | undefined =>
  Either.getOrElse(JsonPath.parse(text), (problem) => field.refuse(problem))

const KNOWN = ["json", "regexp", "value", "as", "group", "strict"]

const isKnown = (spec: Field): boolean => {
  spec.allow(KNOWN, (name) => `${name} has no counterpart: json and regexp have`)
  if (spec.member("strict")?.value === false) spec.refuse("strict: false has no counterpart: every reply is checked")
  return spec.members.every(([name]) => KNOWN.includes(name))
}

/** The condition of one `match`; `undefined` if it has no counterpart. */
const conditionOf = (spec: Field, names: TemplateNames): Expect | undefined => {
  const [json, value] = [spec.member("json"), spec.member("value")]
  if (!isKnown(spec)) return undefined
  if (value === undefined) return spec.refuse("a match without a value checks nothing: leave it out, or give the value")
  if (json?.text === undefined)
    return spec.refuse("a match by regexp compares what it finds with a value: write expect: {pattern: ...} by hand")
  const path = pathOf(json)
  if (path?.some((key) => typeof key === "number"))
    return json.refuse("an index in a match has no counterpart: arrays are compared as a whole")
  const must = convertJson(value, names)
  return path?.length === 0 && typeof must === "string" ? { exact: must } : path && { json: within(path, must) }
}

const GROUPS = /\\[1-9]|\\k</

/** Without `group` Artillery captures the whole match; scenarios capture the first group. So a group is added around the pattern. */
const patternOf = (spec: Field, source: string): string | undefined => {
  const group = spec.member("group")?.value
  if (group === 1) return source
  if (group !== undefined) return spec.refuse("only the first group can be captured: make the others (?:...)")
  if (GROUPS.test(source)) return spec.refuse("a regexp with back references cannot be captured as a whole")
  return source.includes("(") ? `(${source})` : source
}

const captured = (spec: Field): Captures => {
  const [as, json, regexp] = ["as", "json", "regexp"].map((name) => spec.member(name))
  if (!isKnown(spec)) return {}
  if (as?.text === undefined) return spec.refuse("a capture needs `as`, the name of its variable") ?? {}
  if (json?.text !== undefined) return pathOf(json) === undefined ? {} : { [as.text]: json.text }
  const pattern = regexp?.text === undefined ? undefined : patternOf(spec, regexp.text)
  if (regexp === undefined) spec.refuse("a capture needs json or regexp")
  return pattern === undefined ? {} : { [as.text]: { pattern } }
}

/** The expectation of a step; `undefined` if it reads no reply. Adds the captured names to `names`. */
export const convertReply = (step: Field, names: Map<string, Meaning>): Expect | undefined => {
  const [match, capture] = [step.member("match"), step.member("capture")]
  if (match === undefined && capture === undefined) return undefined
  const conditions = (match?.entries ?? []).flatMap((spec) => conditionOf(spec, names) ?? [])
  const must = conditions.reduce<Expect | undefined>(
    (all, { exact, json }) => (exact === undefined ? { json: merge(all?.json, json) } : { exact }),
    undefined
  )
  const captures: Captures = Object.assign({}, ...(capture?.entries ?? []).map(captured))
  for (const name of Object.keys(captures)) names.set(name, { name })
  return { ...(must ?? { any: true }), capture: unlessEmpty(captures) }
}
