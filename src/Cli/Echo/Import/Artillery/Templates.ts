/** Converts Artillery's `{{ }}` to the templates of scenarios. */
import * as Template from "../../../../Echo/Scenario/Template.ts"
import { isObject } from "../Json.ts"
import type { Field } from "./Field.ts"

/** The counterpart of a name in a script. */
export interface Meaning {
  /** The text between the braces. */
  readonly name: string
  /** Whether it is a number. Then it has no quotes if it stands alone in JSON. */
  readonly isNumber?: boolean
  /** A note about the difference from the script. */
  readonly note?: string
}

export type TemplateNames = ReadonlyMap<string, Meaning>

const CALL = /^\$(randomNumber|randomString)\(\s*([^)]*?)\s*\)$/
const ENVIRONMENT = /^\$(?:processEnvironment|env)\.([A-Za-z_]\w*)$/

const meaningOf = (name: string, names: TemplateNames): Meaning | undefined => {
  const known = names.get(name)
  if (known !== undefined) return known
  if (name === "$uuid") return { name }
  const [, environment] = ENVIRONMENT.exec(name) ?? []
  if (environment !== undefined) return { name: `env.${environment}` }
  const [, generator, list = ""] = CALL.exec(name) ?? []
  const args = list.split(",").map((each) => each.trim())
  if (generator === "randomNumber" && args.length === 2) {
    return { name: `$integer(${args.join(", ")})`, isNumber: true }
  }
  return generator === "randomString" ? { name: `$text(${args[0] === "" ? 10 : args[0]})` } : undefined
}

const PLACEHOLDER = /\{\{\{?\s*([^{}]*?)\s*\}?\}\}/g

/** Converts a text of a script at the place of `field`. A number that stands alone in JSON stays a number. */
export const convertText = (field: Field, text: string, names: TemplateNames, inJson = false): string => {
  const out = text.replaceAll(PLACEHOLDER, (whole, name: string) => {
    const meaning = meaningOf(name, names)
    if (meaning === undefined) {
      field.refuse(`{{ ${name} }} is not known: no variable, column or capture before this has this name`)
      return ""
    }
    if (meaning.note !== undefined) field.note(meaning.note)
    const filter = inJson && meaning.isNumber === true && whole === text ? " | number" : ""
    return `{{${meaning.name}${filter}}}`
  })
  const problem = Template.problemOf(out)
  if (problem !== undefined) field.refuse(problem)
  return out
}

/** Converts the text that a field has; `undefined` if it has none. */
export const convert = (field: Field | undefined, names: TemplateNames): string | undefined =>
  field?.text === undefined ? undefined : convertText(field, field.text, names)

export const convertMembers = (field: Field | undefined, names: TemplateNames) =>
  (field?.members ?? []).map(([name, member]) => [name, convert(member, names) ?? ""] as const)

/** Converts the value of a field as JSON: every text in it. */
export const convertJson = (field: Field, names: TemplateNames): unknown => {
  const within = (value: unknown): unknown => {
    if (typeof value === "string") return convertText(field, value, names, true)
    if (Array.isArray(value)) return value.map(within)
    if (!isObject(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [convertText(field, key, names), within(entry)])
    )
  }
  return within(field.value)
}
