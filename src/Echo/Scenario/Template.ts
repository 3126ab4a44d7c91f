import * as Either from "effect/Either"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import * as Generator from "./Generator.ts"

/** The values that a template can name. Every number counts from 1. */
export interface Variables {
  /** The client, over the whole run, whichever process it lives in. */
  readonly client: number
  /** The round of the innermost `repeat`; 1 outside of one. */
  readonly round: number
  /** The message this client sends now, or sent last. */
  readonly message: number
  /** A variable of the scenario, a column of its data or of the environment; nothing where no step has set it. */
  value(name: string): string | undefined
  /** Evenly from 0 up to 1. */
  random(): number
  /** The message this client sent last. */
  readonly lastSent?: Message | undefined
}

export type Template = (variables: Variables) => string

/** A value that a template can't use; `message` says which and why. Ends the conversation, not the run. */
export class RenderError extends Error {}

export const builtIns = ["client", "round", "message"] as const
type BuiltIn = (typeof builtIns)[number]

export const isBuiltIn = (name: string): name is BuiltIn => (builtIns as ReadonlyArray<string>).includes(name)

/** The values of a made-up client, with which a template is tried before the run. */
export const sample: Variables = { client: 1, round: 1, message: 1, value: () => "1", random: () => 0 }

/** How a value is written where it stands; `number` and `json` also take away the quotes around it in a JSON payload. */
const filters = ["number", "json", "url", "base64"] as const
type Filter = (typeof filters)[number]

const isFilter = (name: string): name is Filter => (filters as ReadonlyArray<string>).includes(name)

/** `{{ client | number }}`, read: the name, or the call of a generator, and how its value is written. */
interface Placeholder {
  readonly name: string
  readonly read: Template
  readonly filter: Filter | undefined
}

type Part = string | Placeholder

const PLACEHOLDER = /\{\{\s*(?:'([^']*)'|"([^"]*)"|([^{}|]*?)\s*(?:\|\s*([^{}]*?)\s*)?)\s*\}\}/g

/** Names of variables and of columns: `token`, `users.name`, `env.HOME`. */
const NAME = /^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w -]*)?$/

const readerOf = (name: string): Either.Either<Template, string> => {
  if (isBuiltIn(name)) return Either.right((variables) => String(variables[name]))
  if (name.startsWith("$")) {
    return Either.map(Generator.parse(name), (generate) => (variables) => generate(() => variables.random()))
  }
  if (!NAME.test(name)) {
    return Either.left(`"${name}" is no name of a variable, nor one of ${Generator.examples}; {{'{{'}} writes braces`)
  }
  return Either.right((variables) => {
    const value = variables.value(name)
    if (value === undefined) throw new RenderError(`{{${name}}} has no value yet`)
    return value
  })
}

const read = (match: RegExpMatchArray): Either.Either<Part, string> => {
  const [, single, double, name = "", filter] = match
  const literal = single ?? double
  if (literal !== undefined) return Either.right(literal)
  const reader = readerOf(name)
  if (Either.isLeft(reader)) return Either.left(reader.left)
  if (filter !== undefined && !isFilter(filter)) {
    return Either.left(`no filter is named "${filter}": expected one of ${filters.join(", ")}`)
  }
  return Either.right({ name, filter, read: reader.right })
}

const parse = (text: string): Either.Either<ReadonlyArray<Part>, string> => {
  const parts: Array<Part> = []
  let end = 0
  for (const match of text.matchAll(PLACEHOLDER)) {
    const placeholder = read(match)
    if (Either.isLeft(placeholder)) return Either.left(placeholder.left)
    parts.push(text.slice(end, match.index), placeholder.right)
    end = match.index + match[0].length
  }
  return Either.right([...parts, text.slice(end)])
}

/** The parts of a text that `problemOf` finds nothing wrong with. */
const partsOf = (text: string): ReadonlyArray<Part> => Either.getOrElse(parse(text), () => [text])

/** The problem with a template; `undefined` if there is none. */
export const problemOf = (text: string): string | undefined => Either.getOrUndefined(Either.flip(parse(text)))

const stringsIn = (value: unknown): ReadonlyArray<string> => {
  if (typeof value === "string") return [value]
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, entry]) => [key, ...stringsIn(entry)])
}

/** The variables that a text names, besides those that are always there. */
export const namesIn = (text: string): ReadonlyArray<string> =>
  partsOf(text).flatMap((part) =>
    typeof part === "string" || isBuiltIn(part.name) || part.name.startsWith("$") ? [] : [part.name]
  )

/** The same for the strings in a JSON value. */
export const namesInJson = (value: unknown): ReadonlyArray<string> => stringsIn(value).flatMap(namesIn)

/** The problem with the templates in a JSON value; `undefined` if there is none. */
export const problemOfJson = (value: unknown): string | undefined => {
  for (const text of stringsIn(value)) {
    const problem = problemOf(text)
    if (problem !== undefined) return problem
  }
  return undefined
}

const numberOf = (value: string, name: string): string => {
  const number = Number(value)
  if (value.trim() === "" || !Number.isFinite(number)) throw new RenderError(`{{${name}}} is no number: "${value}"`)
  return String(number)
}

const jsonOf = (value: string, name: string): string => {
  try {
    JSON.parse(value)
    return value
  } catch {
    throw new RenderError(`{{${name}}} is no JSON: "${value}"`)
  }
}

const filtered: Readonly<Record<Filter, (value: string, name: string) => string>> = {
  number: numberOf,
  json: jsonOf,
  url: (value) => encodeURIComponent(value),
  base64: (value) => Buffer.from(value).toString("base64")
}

const reader = ({ filter, name, read: value }: Placeholder): Template => {
  if (filter === undefined) return value
  const apply = filtered[filter]
  return (variables) => apply(value(variables), name)
}

/** Texts and what stands between them, as one function; neighbouring texts are one. */
const join = (pieces: ReadonlyArray<string | Template>): Template => {
  const texts: Array<string> = [""]
  const readers: Array<Template> = []
  for (const piece of pieces) {
    if (typeof piece === "string") texts[texts.length - 1] += piece
    else {
      readers.push(piece)
      texts.push("")
    }
  }
  const [head = ""] = texts
  if (readers.length === 0) return () => head
  return (variables) => {
    let out = head
    for (let i = 0; i < readers.length; i++) out += readers[i]!(variables) + texts[i + 1]!
    return out
  }
}

const pieceOf =
  (encode: (text: string) => string) =>
  (part: Part): string | Template => {
    if (typeof part === "string") return encode(part)
    const value = reader(part)
    return (variables) => encode(value(variables))
  }

/** `Hello {{client}}` as a function; text without placeholders costs nothing per message. */
export const compile = (text: string): Template => join(partsOf(text).map(pieceOf((piece) => piece)))

/** A regular expression with placeholders: their values match themselves. */
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

/** A string that is one placeholder with `number` or `json`: its value stands without quotes. */
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
  return [
    "{",
    ...list(Object.entries(value).map(([key, entry]) => [...quoted(partsOf(key)), ":", ...jsonPieces(entry)])),
    "}"
  ]
}

/** JSON whose strings are templates, as text: values are escaped where they stand in a string. */
export const compileJson = (value: unknown): Template => join(jsonPieces(value))

/** Whether rendering depends on the variables. */
export const isConstant = (text: string): boolean => partsOf(text).every((part) => typeof part === "string")
