import { isUtf8 } from "node:buffer"
import { pathToFileURL } from "node:url"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Schema from "effect/Schema"
import * as FileProblem from "../../Text/FileProblem.ts"
import * as Suggestion from "../../Text/Suggestion.ts"
import * as Answers from "./Answers.ts"
import type { FileContent } from "./LoadPlan.ts"
import * as Names from "./Names.ts"
import { fileKey, type Payload } from "./Payload.ts"
import type { Protocol } from "./Protocol.ts"
import * as ProtocolExpansion from "./ProtocolExpansion.ts"
import { protocols } from "./Protocols.ts"
import * as Rules from "./Rules.ts"
import { Scenario } from "./Scenario.ts"
import * as ScenarioSet from "./ScenarioSet.ts"
import * as SchemaProblem from "./SchemaProblem.ts"
import type { Step } from "./Step.ts"
import { placesOf } from "./Steps.ts"
import * as Table from "./Table.ts"
import * as YamlText from "./YamlText.ts"

/** The scenario file cannot be used. The message is one line with the file, the line in it, the field and what was expected. */
class ScenarioFileError extends Schema.TaggedError<ScenarioFileError>()("ScenarioFileError", {
  message: Schema.String
}) {}

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
  /** A line that begins `file:line:` with the place of a problem of the scenario with this index. */
  readonly describe: (index: number, problem: SchemaProblem.Problem) => string
}

const has = (value: unknown, [key, ...rest]: SchemaProblem.Path): boolean =>
  key === undefined || (Predicate.hasProperty(value, key) && has(value[key], rest))

/** A place of one scenario, in a file: in its own part, or in what all scenarios share. */
const placeIn = (file: unknown, index: number, path: SchemaProblem.Path): SchemaProblem.Path => {
  const own = ["scenarios", index, ...path]
  return isSet(file) && (path[0] === "steps" || has(file, own)) ? own : path
}

/** The protocol of a scenario, by the name or file that it gives. On the left: why there is none. */
type ProtocolOf = (name: string) => Either.Either<Protocol, string>

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

const expanded = (
  value: unknown,
  protocolOf: ProtocolOf
): Either.Either<ProtocolExpansion.Expanded, SchemaProblem.Problem> => {
  if (!ProtocolExpansion.isUsed(value)) return Either.right({ value, placeOf: (path) => path })
  return Either.flatMap(ProtocolExpansion.usedBy(value), ({ name, options }) =>
    Either.flatMap(
      Either.mapLeft(protocolOf(name), (message) => ({ path: ["protocol"], message })),
      (protocol) => ProtocolExpansion.expand(value, protocol, options)
    )
  )
}

/** The text of a file as a value. On the left: one line that begins `file:line:`. */
const yamlOf = (file: string, text: string): Either.Either<YamlText.YamlText, string> =>
  YamlText.read(text).pipe(
    Either.filterOrLeft(
      ({ value }) => value !== null,
      () => ({ line: 1, message: "the file is empty: expected steps or scenarios" })
    ),
    Either.mapLeft(({ line, message }) => `${file}:${line}: ${message}`)
  )

const scenariosIn = (file: string, yaml: YamlText.YamlText, protocolOf: ProtocolOf): Either.Either<Read, string> => {
  const inFile = ({ message, path }: SchemaProblem.Problem): string => {
    const field = path.length === 0 ? "" : `${SchemaProblem.fieldOf(path)}: `
    return `${file}:${yaml.lineOf(path)}: ${field}${message.replaceAll(/\s*\n\s*/g, " ")}`
  }
  return Either.flatMap(Either.mapLeft(expanded(yaml.value, protocolOf), inFile), ({ placeOf, value }) => {
    const describe = ({ message, path }: SchemaProblem.Problem) => inFile({ message, path: placeOf(path) })
    return Either.mapBoth(decode(value), {
      onLeft: (error) => describe(SchemaProblem.worst(error)),
      onRight: (scenarios) => ({
        scenarios,
        isSet: isSet(value),
        describe: (index, { message, path }) => describe({ message, path: placeIn(value, index, path) })
      })
    })
  })
}

/** Checks all scenarios and reports the first problem. A problem in the common part is reported at its place in the file. */
const checked = ({ scenarios, describe }: Read, around: Names.Surroundings): Either.Either<Scenarios, string> => {
  for (const [index, { scenario }] of scenarios.entries()) {
    const problem = Names.check(scenario, around) ?? Answers.checkAll(scenario)
    if (problem !== undefined) return Either.left(describe(index, problem))
  }
  return Either.right(scenarios)
}

/**
 * Reads a scenario from the text of a YAML or JSON file; the first one, if there are several. On the left: one line that begins
 * with `file:line:`. The environment and the columns of data files are not checked.
 */
export const parse = (file: string, text: string): Either.Either<Scenario, string> =>
  yamlOf(file, text).pipe(
    Either.flatMap((yaml) => scenariosIn(file, yaml, builtIn)),
    Either.flatMap((one) => checked(one, {})),
    Either.map(([{ scenario }]) => scenario)
  )

/** A file that a scenario names, and where it does. */
interface Named<A> {
  readonly file: A
  readonly path: SchemaProblem.Path
}

/** What a function finds in the steps, at this place of a step. */
const inSteps = <A>(
  scenario: Scenario,
  place: SchemaProblem.Path,
  find: (step: Step) => A | undefined
): ReadonlyArray<Named<A>> =>
  (["steps", "setup", "teardown"] as const)
    .flatMap((list) => placesOf(scenario[list] ?? [], [list]))
    .flatMap(([path, step]) => {
      const file = find(step)
      return file === undefined ? [] : [{ file, path: [...path, ...place] }]
    })

type FilePayload = Payload & { readonly file: string }

const fileOf = (send: string | Payload | undefined): FilePayload | undefined =>
  typeof send === "object" && send.file !== undefined ? { ...send, file: send.file } : undefined

const filesIn = (scenario: Scenario): ReadonlyArray<Named<FilePayload>> => [
  ...inSteps(scenario, ["send", "file"], ({ send }) => fileOf(send)),
  ...Rules.sendsOf(scenario).flatMap((send) => {
    const file = fileOf(send)
    return file === undefined ? [] : [{ file, path: [] }]
  })
]

/** The scripts of the steps. They are loaded later, by each process. */
const scriptsIn = (scenario: Scenario): ReadonlyArray<Named<string>> => [
  ...inSteps(scenario, ["script"], ({ script }) => script),
  ...inSteps(scenario, ["k6", "file"], ({ k6 }) => k6?.file)
]

type Content = typeof FileContent.Type

const contentOf = (bytes: Uint8Array, as: "text" | "binary" | undefined): Content =>
  (as ?? (isUtf8(bytes) ? "text" : "binary")) === "text"
    ? { text: Buffer.from(bytes).toString("utf8") }
    : { base64: Buffer.from(bytes).toString("base64") }

/** The variables of the environment with these names, as far as it has them. */
export const environment = (names: ReadonlyArray<string>): Effect.Effect<Readonly<Record<string, string>>> => {
  const values = Effect.all(Object.fromEntries(names.map((name) => [name, Config.option(Config.string(name))])))
  return Effect.orDie(Effect.map(values, Record.getSomes))
}

/** Loads the protocol that a scenario names, if it is a file that the user wrote: the only step that runs code of the user. */
const ownProtocol = Effect.fn("ScenarioFile.ownProtocol")(function* (file: unknown, place: (file: string) => string) {
  const used = ProtocolExpansion.isUsed(file) ? Either.getRight(ProtocolExpansion.usedBy(file)) : Option.none()
  if (Option.isNone(used) || !/^\.{0,2}\//.test(used.value.name)) return builtIn
  const { name } = used.value
  const fails = (why: string): Either.Either<Protocol, string> => Either.left(`${name}: ${why}`)
  const protocol = yield* Effect.match(
    Effect.tryPromise((): Promise<{ readonly default?: unknown }> => import(pathToFileURL(place(name)).href)),
    {
      onFailure: ({ error }) => fails(error instanceof Error ? error.message : "it can't be loaded"),
      onSuccess: ({ default: given }) =>
        ProtocolExpansion.isProtocol(given)
          ? Either.right(given)
          : fails("expected a protocol as its default export: export default {steps: {...}}")
    }
  )
  return () => protocol
})

/** Loads a scenario, the files that it sends, and its data. Their paths are relative to the scenario file. */
export const load = Effect.fn("ScenarioFile.load")(function* (file: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const place = (name: string) => path.resolve(path.dirname(file), name)
  const fail = (message: string) => new ScenarioFileError({ message })
  const cannotRead = (name: string) => (error: PlatformError) => fail(`${name}: ${FileProblem.describe(error, "read")}`)

  const text = yield* Effect.mapError(fs.readFileString(file), cannotRead(file))
  const yaml = yield* Either.mapLeft(yamlOf(file, text), fail)
  const one = yield* Either.mapLeft(scenariosIn(file, yaml, yield* ownProtocol(yaml.value, place)), fail)
  const [{ scenario }] = one.scenarios
  const { describe } = one
  /** Why a file can't be read that this place names. */
  const missing = (name: string, path: SchemaProblem.Path, index = 0) =>
    Effect.mapError((error: PlatformError) => fail(describe(index, { path, message: cannotRead(name)(error).message })))
  const readText = (name: string, path: SchemaProblem.Path) => missing(name, path)(fs.readFileString(place(name)))

  const tables: Record<string, Table.Table> = {}
  for (const [name, { file, rows }] of Object.entries(scenario.data)) {
    const content = yield* Either.mapLeft(Table.parse(file, yield* readText(file, ["data", name, "file"])), (why) =>
      fail(`${file}: ${why}`)
    )
    tables[name] = { ...content, order: rows }
  }
  const variables = yield* environment(Names.environmentOf(one.scenarios))
  const scenarios = yield* Either.mapLeft(checked(one, { tables, environment: variables }), fail)

  const files: Record<string, Content> = {}
  for (const [index, each] of scenarios.entries()) {
    for (const { file: payload, path } of filesIn(each.scenario)) {
      const bytes = yield* missing(payload.file, path, index)(fs.readFile(place(payload.file)))
      files[fileKey(payload)] = contentOf(bytes, payload.as)
    }
    for (const { file, path } of scriptsIn(each.scenario)) {
      yield* missing(file, path, index)(fs.access(place(file), { readable: true }))
    }
  }
  const certificates: { ca?: string; cert?: string; key?: string } = {}
  for (const name of ["ca", "cert", "key"] as const) {
    const file = scenario.connect.tls?.[name]
    if (file !== undefined) certificates[name] = yield* readText(file, ["connect", "tls", name])
  }
  return {
    scenario,
    scenarios: one.isSet ? one.scenarios : undefined,
    directory: path.resolve(path.dirname(file)),
    ...{ files, tables, certificates, environment: variables },
    describe
  }
})
