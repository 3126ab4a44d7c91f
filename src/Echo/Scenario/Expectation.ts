import * as Predicate from "effect/Predicate"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Expected } from "./Expected.ts"
import * as JsonMessage from "./JsonMessage.ts"
import * as Template from "./Template.ts"

/** A compiled expectation. `matches` runs for each message, `describe` only after a failure. */
export interface Expectation {
  readonly matches: (message: Message, variables: Template.Variables) => boolean
  readonly describe: (variables: Template.Variables) => string
  /** Whether the result may change with the variables of a client. */
  readonly varies?: boolean
}

/** Whether `actual` has every member of `expected` with the same value. Objects may have more members, arrays must have the same length. */
export const isSubset = (expected: unknown, actual: unknown): boolean => {
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((entry, index) => isSubset(entry, actual[index]))
    )
  }
  if (Predicate.isRecord(expected)) {
    if (!Predicate.isRecord(actual)) return false
    return Object.keys(expected).every((key) => Object.hasOwn(actual, key) && isSubset(expected[key], actual[key]))
  }
  return expected === actual
}

const SHOWN = 120

/** Formats a message for an error: quoted and cut at 120 characters. */
export const show = (message: Message): string => {
  if (typeof message !== "string") {
    const head = Buffer.from(message.subarray(0, 16)).toString("hex")
    return `${message.length} bytes ${head}${message.length > 16 ? "…" : ""}`
  }
  return message.length <= SHOWN
    ? JSON.stringify(message)
    : `${JSON.stringify(message.slice(0, SHOWN))}… (${message.length} characters)`
}

const exact = (text: string): Expectation => {
  const template = Template.compile(text)
  // A text with `{{'{{'}}`, which means two braces, is constant too.
  const constant = Template.isConstant(text) ? template(Template.sample) : undefined
  return constant !== undefined
    ? { matches: (message) => message === constant, describe: () => show(constant) }
    : { matches: (message, vars) => message === template(vars), describe: (vars) => show(template(vars)), varies: true }
}

const pattern = (source: string): Expectation => {
  const expression = Template.compilePattern(source)
  return {
    matches: (message, vars) => typeof message === "string" && expression(vars).test(message),
    describe: (vars) => `text matching /${expression(vars).source}/`,
    varies: !Template.isConstant(source)
  }
}

const json = (value: unknown): Expectation => {
  const template = Template.compileJson(value)
  const constant: { readonly value: unknown } | undefined = Template.isConstant(JSON.stringify(value) ?? "")
    ? { value: JSON.parse(template(Template.sample)) }
    : undefined
  return {
    matches: (message, vars) => {
      const text = template(vars)
      // Most servers format JSON in the same way, and comparing texts takes a tenth of the time of parsing both.
      if (message === text) return true
      const actual = JsonMessage.of(message)
      return actual !== undefined && isSubset(constant === undefined ? JSON.parse(text) : constant.value, actual.value)
    },
    describe: (vars) => `JSON with ${template(vars)}`,
    varies: constant === undefined
  }
}

const binary = (bytes: Buffer): Expectation => ({
  matches: (message) => typeof message !== "string" && bytes.equals(message),
  describe: () => show(bytes)
})

const hex = (text: string): Expectation => {
  const template = Template.compile(text)
  const bytes = (vars: Template.Variables) => Buffer.from(template(vars).replaceAll(/\s/g, ""), "hex")
  if (Template.isConstant(text)) return binary(bytes(Template.sample))
  return {
    matches: (message, vars) => typeof message !== "string" && bytes(vars).equals(message),
    describe: (vars) => show(bytes(vars)),
    varies: true
  }
}

const sent: Expectation = {
  matches: (message, { lastSent }) =>
    typeof message === "string" || typeof lastSent === "string" || lastSent === undefined
      ? message === lastSent
      : Buffer.from(lastSent.buffer, lastSent.byteOffset, lastSent.byteLength).equals(message),
  describe: ({ lastSent }) =>
    lastSent === undefined ? "the message that was sent, but there is none yet" : show(lastSent),
  varies: true
}

const any: Expectation = { matches: () => true, describe: () => "any message" }

/** Removes the beginning of a text; `undefined` if it has another one. */
export const afterPrefix = (source: string): ((message: Message) => string | undefined) => {
  const expression = new RegExp(`^(?:${source})`)
  return (message) => {
    if (typeof message !== "string") return undefined
    const found = expression.exec(message)
    return found === null ? undefined : message.slice(found[0].length)
  }
}

const after = (source: string, inner: Expectation): Expectation => {
  const rest = afterPrefix(source)
  return {
    ...inner,
    matches: (message, vars) => {
      const text = rest(message)
      return text !== undefined && inner.matches(text, vars)
    },
    describe: (vars) => `text that begins with /${source}/, then ${inner.describe(vars)}`
  }
}

/** Compiles the condition of an `expect` step, except `closed`. */
export const compile = (expected: string | Expected): Expectation => {
  if (typeof expected === "string") return exact(expected)
  const { prefix, ...others } = expected
  return prefix === undefined ? compileWhole(others) : after(prefix, compileWhole(others))
}

const compileWhole = (expected: Expected): Expectation => {
  if (expected.exact !== undefined) return exact(expected.exact)
  if (expected.pattern !== undefined) return pattern(expected.pattern)
  if (expected.json !== undefined) return json(expected.json)
  if (expected.binary !== undefined) return binary(Buffer.from(expected.binary, "base64"))
  if (expected.hex !== undefined) return hex(expected.hex)
  return expected.sent === true ? sent : any
}
