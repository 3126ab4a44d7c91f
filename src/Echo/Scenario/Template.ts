import * as Either from "effect/Either"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import * as Generator from "./Generator.ts"

/** The values that a template can use. All numbers count from 1. */
export interface Variables {
  /** The number of the client, over all processes of the run. */
  readonly client: number
  /** The round of the innermost `repeat`; 1 outside of any. */
  readonly round: number
  /** The number of the message that this client sends now or has sent last. */
  readonly message: number
  /** The value of a variable, a data column or an environment variable; `undefined` if no step has set it. */
  value(name: string): string | undefined
  /** A uniform random number from 0 (included) to 1 (not included). */
  random(): number
  readonly lastSent?: Message | undefined
}

export type Template = (variables: Variables) => string

/** A template can't use a value. `message` says which one and why. This ends the conversation, not the run. */
export class RenderError extends Error {}

/** A function for each, since reading a member by a name that varies takes much longer. */
const readers = {
  client: ({ client }: Variables) => String(client),
  round: ({ round }: Variables) => String(round),
  message: ({ message }: Variables) => String(message)
}

export const builtIns = Object.keys(readers)

export const isBuiltIn = (name: string): name is keyof typeof readers => Object.hasOwn(readers, name)

/** Example values with which a template is tested before the run. */
export const sample: Variables = { client: 1, round: 1, message: 1, value: () => "1", random: () => 0 }

/** A placeholder such as `{{ client | number }}`: a name or a generator, and how to write its value. */
interface Placeholder {
  readonly name: string
  readonly read: Template
  readonly filter: keyof typeof filters | undefined
}

type Part = string | Placeholder

const PLACEHOLDER = /\{\{\s*(?:'([^']*)'|"([^"]*)"|([^{}|]*?)\s*(?:\|\s*([^{}]*?)\s*)?)\s*\}\}/g

/** Names of variables and of columns: `token`, `users.name`, `env.HOME`. */
const NAME = /^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w -]*)?$/

const readerOf = (name: string): Either.Either<Template, string> => {
  if (isBuiltIn(name)) return Either.right(readers[name])
  if (name.startsWith("$")) {
    return Either.map(Generator.parse(name), (generate) => (variables) => generate(() => variables.random()))
  }
  if (!NAME.test(name))
    return Either.left(
      `"${name}" is not the name of a variable and not one of ${Generator.EXAMPLES}; {{'{{'}} writes braces`
    )
  return Either.right((variables) => {
    const value = variables.value(name)
    if (value === undefined) throw new RenderError(`{{${name}}} has no value yet`)
    return value
  })
}

const read = ([, single, double, name = "", filter]: RegExpMatchArray): Either.Either<Part, string> => {
  const literal = single ?? double
  if (literal !== undefined) return Either.right(literal)
  return Either.flatMap(readerOf(name), (read) =>
    filter === undefined || isFilter(filter)
      ? Either.right({ name, filter, read })
      : Either.left(`there is no filter "${filter}": expected one of ${Object.keys(filters).join(", ")}`)
  )
}

const parse = (text: string): Either.Either<ReadonlyArray<Part>, string> =>
  Either.gen(function* () {
    const parts: Array<Part> = []
    let end = 0
    for (const match of text.matchAll(PLACEHOLDER)) {
      parts.push(text.slice(end, match.index), yield* read(match))
      end = match.index + match[0].length
    }
    return [...parts, text.slice(end)]
  })

/** The parts of a text that has no problem. */
const partsOf = (text: string): ReadonlyArray<Part> => Either.getOrElse(parse(text), () => [text])

/** What is wrong with a template; `undefined` if nothing is. */
export const problemOf = (text: string): string | undefined => Either.getOrUndefined(Either.flip(parse(text)))

const stringsIn = (value: unknown): ReadonlyArray<string> => {
  if (typeof value === "string") return [value]
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, entry]) => [key, ...stringsIn(entry)])
}

export const namesIn = (text: string): ReadonlyArray<string> =>
  partsOf(text).flatMap((part) =>
    typeof part === "string" || isBuiltIn(part.name) || part.name.startsWith("$") ? [] : [part.name]
  )

/** The same for the strings in a JSON value. */
export const namesInJson = (value: unknown): ReadonlyArray<string> => stringsIn(value).flatMap(namesIn)

/** What is wrong with the templates in a JSON value; `undefined` if nothing is. */
export const problemOfJson = (value: unknown): string | undefined =>
  stringsIn(value)
    .map(problemOf)
    .find((problem) => problem !== undefined)

const numberOf = (value: string, name: string): string => {
  const number = Number(value)
  if (value.trim() === "" || !Number.isFinite(number)) throw new RenderError(`{{${name}}} is not a number: "${value}"`)
  return String(number)
}

const jsonOf = (value: string, name: string): string => {
  try {
    JSON.parse(value)
    return value
  } catch {
    throw new RenderError(`{{${name}}} is not JSON: "${value}"`)
  }
}

/** How to write a value. In a JSON payload `number` and `json` also remove the quotes around it. */
const filters = {
  number: numberOf,
  json: jsonOf,
  url: (value: string) => encodeURIComponent(value),
  base64: (value: string) => Buffer.from(value).toString("base64")
}

const isFilter = (name: string): name is keyof typeof filters => Object.hasOwn(filters, name)

const reader = ({ filter, name, read: value }: Placeholder): Template => {
  // A built-in value is a number already, which is JSON too.
  if (filter === undefined || (isBuiltIn(name) && filter !== "base64")) return value
  const apply = filters[filter]
  return (variables) => apply(value(variables), name)
}

const join = (pieces: ReadonlyArray<string | Template>): Template => {
  const texts: Array<string> = [""]
  const values: Array<Template> = []
  for (const piece of pieces) {
    if (typeof piece === "string") texts[texts.length - 1] += piece
    else {
      values.push(piece)
      texts.push("")
    }
  }
  const [head = ""] = texts
  if (values.length === 0) return () => head
  if (values.length === 1) {
    const [value, tail] = [values[0]!, texts[1]!]
    return (variables) => head + value(variables) + tail
  }
  return (variables) => {
    let out = head
    for (let i = 0; i < values.length; i++) out += values[i]!(variables) + texts[i + 1]!
    return out
  }
}

const pieceOf =
  (encode: (text: string) => string) =>
  (part: Part): string | Template => {
    if (typeof part === "string") return encode(part)
    const value = reader(part)
    // No number needs another encoding.
    return isBuiltIn(part.name) && part.filter !== "base64" ? value : (variables) => encode(value(variables))
  }

/** Compiles a text such as `Hello {{client}}` into a function. Text without placeholders costs nothing per message. */
export const compile = (text: string): Template =>
  join(partsOf(text).map((part) => (typeof part === "string" ? part : reader(part))))

/** Compiles a regular expression with placeholders. Their values are escaped, so they match only themselves. */
export const compilePattern = (source: string): ((variables: Variables) => RegExp) => {
  const template = join(
    partsOf(source).map((part) =>
      typeof part === "string" ? part : pieceOf((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"))(part)
    )
  )
  let last = { source: "", expression: /(?:)/ }
  return (variables) => {
    const now = template(variables)
    if (now !== last.source) last = { source: now, expression: new RegExp(now) }
    return last.expression
  }
}

const inString = (text: string): string => JSON.stringify(text).slice(1, -1)

const quoted = (parts: ReadonlyArray<Part>): ReadonlyArray<string | Template> => [
  '"',
  ...parts.map(pieceOf(inString)),
  '"'
]

/** The template of a string that is only one placeholder with `number` or `json`. Its value is written without quotes. */
const bareValue = (parts: ReadonlyArray<Part>): Template | undefined => {
  const [before, part, after] = parts
  if (parts.length !== 3 || before !== "" || after !== "" || typeof part !== "object") return undefined
  return part.filter === "number" || part.filter === "json" ? reader(part) : undefined
}

const jsonPieces = (value: unknown): ReadonlyArray<string | Template> => {
  if (typeof value === "string") {
    const parts = partsOf(value)
    const bare = bareValue(parts)
    return bare === undefined ? quoted(parts) : [bare]
  }
  const list = (entries: ReadonlyArray<ReadonlyArray<string | Template>>) =>
    entries.flatMap((entry, index) => (index === 0 ? entry : [",", ...entry]))
  if (Array.isArray(value)) return ["[", ...list(value.map(jsonPieces)), "]"]
  if (typeof value !== "object" || value === null) return [JSON.stringify(value) ?? "null"]
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined)
  return ["{", ...list(entries.map(([key, entry]) => [...quoted(partsOf(key)), ":", ...jsonPieces(entry)])), "}"]
}

/** Compiles JSON whose strings are templates into a function that writes JSON. Values in strings are escaped. */
export const compileJson = (value: unknown): Template => join(jsonPieces(value))

export const isConstant = (text: string): boolean => partsOf(text).every((part) => typeof part === "string")
