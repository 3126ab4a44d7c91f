/** Converts Artillery's `match` and `capture` of a reply to an expectation. */
import * as Either from "effect/Either"
import * as JsonPath from "../../../../Echo/Scenario/JsonPath.ts"
import type { StepText } from "../Conversion.ts"
import { merge } from "../Json.ts"
import type { Field } from "./Field.ts"
import { convertJson, type Names } from "./Templates.ts"

type Expect = Exclude<NonNullable<StepText["expect"]>, string>
type Captures = NonNullable<Expect["capture"]>

/** Puts a value at its path in a reply: `$.a.b` and 1 become `{a: {b: 1}}`. */
const within = (path: JsonPath.JsonPath, value: unknown): unknown =>
  path.reduceRight<unknown>((inner, member) => ({ [member]: inner }), value)

const pathOf = (field: Field, text: string): JsonPath.JsonPath | undefined =>
  Either.getOrElse(JsonPath.parse(text), (problem) => field.refuse(problem))

const KNOWN = new Set(["json", "regexp", "value", "as", "group", "strict"])

/** Refuses members that have no counterpart. */
const isKnown = (spec: Field): boolean => {
  const other = spec.members.find(([name]) => !KNOWN.has(name))
  if (other !== undefined) other[1].refuse(`${other[0]} has no counterpart: json and regexp have`)
  if (spec.member("strict")?.value === false) spec.refuse("strict: false has no counterpart: every reply is checked")
  return other === undefined
}

const matched = (spec: Field, before: Expect | undefined, names: Names): Expect | undefined => {
  const json = spec.member("json")
  const value = spec.member("value")
  if (!isKnown(spec)) return before
  if (value === undefined) {
    spec.refuse("a match without a value checks nothing: leave it out, or give the value")
    return before
  }
  if (json?.text === undefined) {
    spec.refuse("a match by regexp compares what it finds with a value: write expect: {pattern: ...} by hand")
    return before
  }
  const path = pathOf(json, json.text)
  if (path === undefined) return before
  const must = convertJson(value, value.value, names)
  if (path.length === 0) return typeof must === "string" ? { exact: must } : { json: must }
  if (path.some((key) => typeof key === "number")) {
    json.refuse("an index in a match has no counterpart: arrays are compared as a whole")
    return before
  }
  return { json: merge(before?.json, within(path, must)) }
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
  const [as, json, regexp] = [spec.member("as"), spec.member("json"), spec.member("regexp")]
  if (!isKnown(spec)) return {}
  if (as?.text === undefined) {
    spec.refuse("a capture needs `as`, the name of its variable")
    return {}
  }
  if (json?.text !== undefined) return pathOf(json, json.text) === undefined ? {} : { [as.text]: json.text }
  const pattern = regexp?.text === undefined ? undefined : patternOf(spec, regexp.text)
  if (regexp === undefined) spec.refuse("a capture needs json or regexp")
  return pattern === undefined ? {} : { [as.text]: { pattern } }
}

/** The expectation of a step; `undefined` if it reads no reply. Adds the captured names to `names`. */
export const convertReply = (step: Field, names: Map<string, { readonly name: string }>): Expect | undefined => {
  const [match, capture] = [step.member("match"), step.member("capture")]
  if (match === undefined && capture === undefined) return undefined
  const must = (match?.entries ?? []).reduce<Expect | undefined>(
    (before, spec) => matched(spec, before, names),
    undefined
  )
  const captures = Object.assign({}, ...(capture?.entries ?? []).map(captured)) as Captures
  for (const name of Object.keys(captures)) names.set(name, { name })
  return { ...(must ?? { any: true }), ...(Object.keys(captures).length === 0 ? {} : { capture: captures }) }
}
