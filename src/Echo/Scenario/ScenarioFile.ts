import { isUtf8 } from "node:buffer"
import { pathToFileURL } from "node:url"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml"
import * as FileProblem from "../../Text/FileProblem.ts"
import * as Suggestion from "../../Text/Suggestion.ts"
import * as Answers from "./Answers.ts"
import type { FileContent } from "./LoadPlan.ts"
import * as Names from "./Names.ts"
import type { Payload } from "./Payload.ts"
import * as Protocol from "./Protocol.ts"
import { protocols } from "./Protocols.ts"
import { fileKey } from "./Rendering.ts"
import * as Rules from "./Rules.ts"
import { Scenario } from "./Scenario.ts"
import * as ScenarioSet from "./ScenarioSet.ts"
import { PLACE } from "./Step.ts"
import { allSteps } from "./Steps.ts"
import * as Table from "./Table.ts"
import * as YamlAliases from "./YamlAliases.ts"

/** The scenario file cannot be used. The message is one line with the file, the line in it, the field and what was expected. */
class ScenarioFileError extends Schema.TaggedError<ScenarioFileError>()("ScenarioFileError", {
  message: Schema.String
}) {}

type Keys = ReadonlyArray<PropertyKey>

const fieldOf = (path: Keys): string =>
  path
    .map((key) => (typeof key === "number" ? `[${key + 1}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "")

/** The offset of a field in the text: that of its key, or else of the closest node around it. */
export const offsetOf = (document: Document, path: Keys): number => {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true)
    const key = path[length - 1]
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key)
      if (pair !== undefined && isNode(pair.key) && pair.key.range) return pair.key.range[0]
    }
    const node = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

/**
 * The issue that tells the user most. A deep issue tells more than one at the top, because an alternative that the user did not
 * mean fails at its top. At the same place, a broken rule tells more than a wrong type.
 */
const worst = (error: ParseResult.ParseError): ParseResult.ArrayFormatterIssue => {
  const rank = ({ _tag, path }: ParseResult.ArrayFormatterIssue) => 2 * path.length + (_tag === "Type" ? 0 : 1)
  return ParseResult.ArrayFormatter.formatErrorSync(error).reduce((a, b) => (rank(b) > rank(a) ? b : a))
}

/** An unknown field gets the known ones with a similar name, which the issue lists in quotes. */
const messageOf = ({ _tag, message, path }: ParseResult.ArrayFormatterIssue): string => {
  if (_tag !== "Unexpected") return message
  const known = [...message.matchAll(/"([^"]+)"/g)].map(([, name]) => name!).filter((name) => name !== PLACE)
  const meant = Suggestion.nearest(String(path.at(-1)), known)
  const all = known.length === 0 ? "" : `; expected ${known.join(", ")}`
  return `there is no such field${meant === undefined ? all : `; did you mean ${meant}?`}`
}

const strictly = { errors: "all", onExcessProperty: "error" } as const

const decodeOne = Schema.decodeUnknownEither(Scenario, strictly)
const decodeSet = Schema.decodeUnknownEither(ScenarioSet.ScenarioSet, strictly)

type Scenarios = readonly [ScenarioSet.Weighted, ...Array<ScenarioSet.Weighted>]

const isSet = (value: unknown): boolean => typeof value === "object" && value !== null && "scenarios" in value

const decode = (value: unknown): Either.Either<Scenarios, ParseResult.ParseError> =>
  isSet(value)
    ? Either.map(decodeSet(value), ScenarioSet.scenariosOf)
    : Either.map(decodeOne(value), (scenario) => [{ weight: 1, scenario }])

interface Read {
  readonly scenarios: Scenarios
  readonly isSet: boolean
  /** A line that begins `file:line:` with the place of a problem. */
  readonly describe: (problem: Names.Problem) => string
}

/** The protocol of a scenario, by the name or file that it gives. On the left: why there is none. */
type ProtocolOf = (name: string) => Either.Either<Protocol.Protocol, string>

/** Protocols of this package. */
const builtIn: ProtocolOf = (name) => {
  const protocol = protocols[name]
  const known = Object.keys(protocols)
  const meant = Suggestion.nearest(name, known)
  return protocol === undefined
    ? Either.left(
        `there is no protocol ${name}${meant === undefined ? `: expected ${known.join(", ")}, or a file such as ./${name}.mjs` : `; did you mean ${meant}?`}`
      )
    : Either.right(protocol)
}

const expanded = (value: unknown, protocolOf: ProtocolOf): Either.Either<Protocol.Expanded, Names.Problem> => {
  if (!Protocol.isUsed(value)) return Either.right({ value, placeOf: (path) => path })
  return Either.flatMap(Protocol.usedBy(value), ({ name, options }) =>
    Either.flatMap(
      Either.mapLeft(protocolOf(name), (message) => ({ path: ["protocol"], message })),
      (protocol) => Protocol.expand(value, protocol, options)
    )
  )
}

const read = (file: string, text: string, protocolOf: ProtocolOf = builtIn): Either.Either<Read, string> => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [broken] = document.errors
  if (broken !== undefined) return Either.left(`${file}:${lines.linePos(broken.pos[0]).line}: ${broken.message}`)
  const plain = YamlAliases.read(document)
  if ("message" in plain) return Either.left(`${file}:${lines.linePos(plain.offset).line}: ${plain.message}`)
  if (plain.value === null) return Either.left(`${file}:1: the file is empty: expected steps or scenarios`)
  const inFile = ({ message, path }: Names.Problem): string => {
    const line = Math.max(1, lines.linePos(offsetOf(document, path)).line)
    const field = path.length === 0 ? "" : `${fieldOf(path)}: `
    return `${file}:${line}: ${field}${message.replaceAll(/\s*\n\s*/g, " ")}`
  }
  const whole = Either.mapLeft(expanded(plain.value, protocolOf), inFile)
  if (Either.isLeft(whole)) return Either.left(whole.left)
  const { placeOf, value } = whole.right
  const describe = ({ message, path }: Names.Problem) => inFile({ message, path: placeOf(path) })
  return Either.mapBoth(decode(value), {
    onLeft: (error) => {
      const issue = worst(error)
      return describe({ path: issue.path, message: messageOf(issue) })
    },
    onRight: (scenarios) => ({ scenarios, isSet: isSet(value), describe })
  })
}

const anything: Names.Surroundings = { columns: () => undefined, hasEnvironment: () => true }

/** Checks all scenarios and reports the first problem. A problem in the common part is reported at its place in the file. */
const checked = (
  { isSet, scenarios, describe }: Read,
  around: Names.Surroundings
): Either.Either<Scenarios, string> => {
  for (const [index, { scenario }] of scenarios.entries()) {
    const problem = Names.check(scenario, around) ?? Answers.checkAll(scenario)
    if (problem !== undefined) return Either.left(describe(inScenario(isSet, index, problem)))
  }
  return Either.right(scenarios)
}

/** A problem of one scenario. Its own steps are below it in the file. */
const inScenario = (isSet: boolean, index: number, { message, path }: Names.Problem): Names.Problem => ({
  message,
  path: [...(isSet && path[0] === "steps" ? ["scenarios", index] : []), ...path]
})

/**
 * Reads a scenario from the text of a YAML or JSON file; the first one, if there are several. On the left: one line that begins
 * with `file:line:`. The environment and the columns of data files are not checked.
 */
export const parse = (file: string, text: string): Either.Either<Scenario, string> =>
  Either.map(
    Either.flatMap(read(file, text), (one) => checked(one, anything)),
    ([{ scenario }]) => scenario
  )

const filesIn = (scenario: Scenario): ReadonlyArray<Payload & { readonly file: string }> =>
  [
    ...[scenario.steps, scenario.setup ?? [], scenario.teardown ?? []].flatMap(allSteps).map(({ send }) => send),
    ...Rules.sendsOf(scenario)
  ].flatMap((send) => (typeof send === "object" && send.file !== undefined ? [{ ...send, file: send.file }] : []))

type Content = typeof FileContent.Type

const contentOf = (bytes: Uint8Array, as: "text" | "binary" | undefined): Content =>
  (as ?? (isUtf8(bytes) ? "text" : "binary")) === "text"
    ? { text: Buffer.from(bytes).toString("utf8") }
    : { base64: Buffer.from(bytes).toString("base64") }

const cannotRead = (name: string) => (error: PlatformError) =>
  new ScenarioFileError({ message: `${name}: ${FileProblem.describe(error, "read")}` })

const readTables = Effect.fn("ScenarioFile.readTables")(function* (
  scenario: Scenario,
  place: (file: string) => string
) {
  const fs = yield* FileSystem.FileSystem
  const tables: Record<string, Table.Table> = {}
  for (const [name, { file, rows }] of Object.entries(scenario.data)) {
    const text = yield* Effect.mapError(fs.readFileString(place(file)), cannotRead(file))
    const content = yield* Either.mapLeft(
      Table.parse(file, text),
      (message) => new ScenarioFileError({ message: `${file}: ${message}` })
    )
    tables[name] = { ...content, order: rows }
  }
  return tables
})

const readCertificates = Effect.fn("ScenarioFile.readCertificates")(function* (
  { connect }: Scenario,
  place: (file: string) => string
) {
  const fs = yield* FileSystem.FileSystem
  const certificates: { ca?: string; cert?: string; key?: string } = {}
  for (const name of ["ca", "cert", "key"] as const) {
    const file = connect.tls?.[name]
    if (file !== undefined) {
      certificates[name] = yield* Effect.mapError(fs.readFileString(place(file)), cannotRead(file))
    }
  }
  return certificates
})

/** The values of the environment variables with these names. */
export const environment = Effect.fn("ScenarioFile.environment")(function* (names: ReadonlyArray<string>) {
  const found: Record<string, string> = {}
  for (const name of names) {
    const value = yield* Config.option(Config.string(name))
    if (Option.isSome(value)) found[name] = value.value
  }
  return found
}, Effect.orDie)

/** Loads the protocol of a scenario from a file that the user wrote: the only step that runs code of the user. */
const ownProtocol = Effect.fn("ScenarioFile.ownProtocol")(function* (text: string, place: (file: string) => string) {
  const document = parseDocument(text, { prettyErrors: false })
  const plain = document.errors.length > 0 ? undefined : YamlAliases.read(document)
  if (plain === undefined || "message" in plain || !Protocol.isUsed(plain.value)) return undefined
  const used = Protocol.usedBy(plain.value)
  if (Either.isLeft(used) || !/^\.{0,2}\//.test(used.right.name)) return undefined
  const { name } = used.right
  const loaded = yield* Effect.either(
    Effect.tryPromise((): Promise<{ readonly default?: unknown }> => import(pathToFileURL(place(name)).href))
  )
  const given = Either.map(loaded, (module) => module.default)
  const fails = (why: string): Either.Either<Protocol.Protocol, string> => Either.left(`${name}: ${why}`)
  if (Either.isLeft(given))
    return fails(given.left.error instanceof Error ? given.left.error.message : "it can't be loaded")
  const protocol = given.right
  return Protocol.isProtocol(protocol)
    ? Either.right(protocol)
    : fails("expected a protocol as its default export: export default {steps: {...}}")
})

/** Loads a scenario, the files that it sends, and its data. Their paths are relative to the scenario file. */
export const load = Effect.fn("ScenarioFile.load")(function* (file: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const place = (name: string) => path.resolve(path.dirname(file), name)
  const text = yield* Effect.mapError(fs.readFileString(file), cannotRead(file))
  const fail = (message: string) => new ScenarioFileError({ message })
  const own = yield* ownProtocol(text, place)
  const one = yield* Either.mapLeft(read(file, text, own === undefined ? builtIn : () => own), fail)
  const [{ scenario }] = one.scenarios
  const tables = yield* readTables(scenario, place)
  const variables = yield* environment(one.scenarios.flatMap((each) => Names.environmentOf(each.scenario)))
  const scenarios = yield* Either.mapLeft(
    checked(one, {
      columns: (table) => tables[table]?.columns,
      hasEnvironment: (name) => variables[name] !== undefined
    }),
    fail
  )
  const files: Record<string, Content> = {}
  for (const payload of scenarios.flatMap((each) => filesIn(each.scenario))) {
    const bytes = yield* Effect.mapError(fs.readFile(place(payload.file)), cannotRead(payload.file))
    files[fileKey(payload)] = contentOf(bytes, payload.as)
  }
  const certificates = yield* readCertificates(scenario, place)
  return {
    scenario,
    scenarios: one.isSet ? one.scenarios : undefined,
    directory: path.resolve(path.dirname(file)),
    ...{ files, tables, certificates, environment: variables },
    /** A line with the place in the file of a problem of the scenario with this index. */
    describe: (index: number, problem: Names.Problem): string => one.describe(inScenario(one.isSet, index, problem))
  }
})
