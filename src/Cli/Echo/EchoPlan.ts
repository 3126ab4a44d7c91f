import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as LocalRun from "../../Echo/Load/LocalRun.ts"
import * as Rows from "../../Echo/Load/Rows.ts"
import * as RunFigures from "../../Echo/Load/RunFigures.ts"
import { knows } from "../../Echo/Report/Observer.ts"
import { parse as parseThreshold, type Threshold } from "../../Echo/Report/Threshold.ts"
import { type LoadPlan, onceOf, scenariosOf, urlsOf, withOneConversation } from "../../Echo/Scenario/LoadPlan.ts"
import * as Names from "../../Echo/Scenario/Names.ts"
import * as Ramp from "../../Echo/Scenario/Ramp.ts"
import * as Scenario from "../../Echo/Scenario/Scenario.ts"
import * as ScenarioFile from "../../Echo/Scenario/ScenarioFile.ts"
import type * as ScenarioSet from "../../Echo/Scenario/ScenarioSet.ts"
import type { Problem } from "../../Echo/Scenario/SchemaProblem.ts"
import * as Stages from "../../Echo/Scenario/Stages.ts"
import { allParts, once } from "../../Echo/Scenario/Steps.ts"
import * as Template from "../../Echo/Scenario/Template.ts"
import * as Suggestion from "../../Text/Suggestion.ts"
import * as WebSocketUrl from "../../Text/WebSocketUrl.ts"
import { UserError } from "../UserError.ts"
import * as EchoConnect from "./EchoConnect.ts"
import { bad } from "./EchoConnect.ts"
import type { EchoOptions } from "./EchoOptions.ts"
import { wrongTogether } from "./OptionConflicts.ts"

const ORIGINAL_URL = "ws://localhost:8000/test/ws/"
const ECHO_URL = "ws://localhost:8000/test/echo/"
/** The default port range of Linux. `EchoHandler.ts` replaces it with the range of this machine. */
const DEFAULT_PORTS = [32768, 60999] as const

/** Checks a URL whose placeholders are filled in for each client. On the left: what is wrong with it. */
const checkUrl = (text: string): Either.Either<string, string> => {
  const problem = Template.problemOf(text)
  if (problem !== undefined) return Either.left(problem)
  const url = WebSocketUrl.parse(Template.compile(text)(Template.sample))
  if (url === undefined) return Either.left(WebSocketUrl.expected(text, "ws://localhost:8000/test/ws/"))
  // The address is read as a template again, so one that has braces of its own stays as it was written.
  return Either.right(Template.isConstant(text) && !url.href.includes("{{") ? url.href : text)
}

const urlOption = (text: string) => Either.mapLeft(checkUrl(text), (message) => bad("--url", text, message))

/** The same for `connect.url` of the scenario with this index, whose line is said. */
const urlInFile = (text: string, describe: (index: number, problem: Problem) => string, index = 0) =>
  Either.mapLeft(checkUrl(text), (why) =>
    UserError.of(describe(index, { path: ["connect", "url"], message: `${text}: ${why}` }))
  )

const failFor = (message: string | undefined): Either.Either<void, UserError> =>
  message === undefined ? Either.void : Either.left(UserError.of(message))

/** A built-in scenario. It has no files, but may use the environment. */
const alone = (scenario: Scenario.Scenario, url: string) => {
  const describe = (_: number, { message }: Problem) => message
  return { scenario, scenarios: undefined, files: {}, tables: {}, certificates: {}, environment: {}, url, describe }
}

/** The option that can give each part of `connect`. The scenario file itself was checked before. */
const OPTIONS: Readonly<Record<string, string>> = {
  message: "--message",
  headers: "--header",
  cookies: "--cookie",
  subprotocols: "--subprotocol",
  tls: "--servername",
  proxy: "--proxy",
  unixSocket: "--unix-socket"
}

/** Checks that the URLs and other templates of the command line use only variables that have a value. */
const checkNames = (
  options: EchoOptions,
  plan: Pick<LoadPlan, "scenario" | "scenarios" | "environment" | "tables">
) => {
  for (const { scenario } of scenariosOf(plan)) {
    const problem = Names.check(scenario, plan)
    if (problem !== undefined) {
      const option = OPTIONS[String(problem.path[0] === "connect" ? problem.path[1] : "message")]
      return Either.left(UserError.of(`${option}: ${problem.message}`))
    }
    for (const url of options.urls) {
      const message = Names.checkConnecting(url, scenario, plan)
      if (message !== undefined) return Either.left(bad("--url", url, message))
    }
  }
  return Either.void
}
const DELAY = 60_000

/** The pause of the built-in conversation, in milliseconds. */
export const delayOf = ({ delay }: EchoOptions): number => Option.getOrElse(delay, () => DELAY)

/** Whether the clients have the built-in conversation of the C10k demo. */
export const isOriginal = ({ rate, scenario }: EchoOptions): boolean => Option.isNone(rate) && Option.isNone(scenario)

/** Stands for the URLs of scripts that open their own connections. */
const NO_URL = "ws://as-the-script-says/"

/** Whether the scripts of a scenario say where they connect to. */
const opensOwn = ({ steps }: Scenario.Scenario): boolean => allParts(steps).some(({ opensOwn }) => opensOwn === true)

/** The conversation, the files that it sends, and its default URL. */
const conversation = Effect.fn("EchoPlan.conversation")(function* (options: EchoOptions) {
  if (Option.isSome(options.scenario)) {
    const loaded = yield* ScenarioFile.load(options.scenario.value)
    const { url } = loaded.scenario.connect
    const [given] = options.urls
    const scriptsSay = scenariosOf(loaded).every(({ scenario }) => opensOwn(scenario))
    if (scriptsSay && given !== undefined)
      return yield* bad("--url", given, "a k6 script says itself where it connects: see its environment variables")
    // Each of several scenarios may have its own.
    if (scriptsSay || loaded.scenarios !== undefined) return { ...loaded, url: url ?? NO_URL }
    if (url !== undefined) return { ...loaded, url: yield* urlInFile(url, loaded.describe) }
    const message = `${options.scenario.value}: there is no URL: give connect.url in the file, or --url`
    return given === undefined ? yield* UserError.of(message) : { ...loaded, url: given }
  }
  if (Option.isSome(options.rate)) {
    const message = Option.getOrElse(options.message, () => "{{client}} {{message}}")
    const problem = Template.problemOf(message)
    if (problem !== undefined) return yield* bad("--message", message, problem)
    return alone(Scenario.echoing(message), ECHO_URL)
  }
  return alone(Scenario.original(delayOf(options)), ORIGINAL_URL)
})

const ramp = (options: EchoOptions): Either.Either<Ramp.Ramp, UserError> => {
  if (Option.isSome(options.arrivals)) return Either.right({ _tag: "Stages", stages: options.arrivals.value })
  if (Option.isSome(options.ramp)) {
    const given = options.ramp.value
    return Either.mapLeft(Ramp.parse(given), (message) => bad("--ramp", given, message))
  }
  return Either.right(
    isOriginal(options) ? { _tag: "Random", over: 2 * delayOf(options) } : { _tag: "Rate", perSecond: 1000 }
  )
}

const schedule = (
  options: EchoOptions
): Pick<LoadPlan, "clients" | "levels" | "rate" | "rateStages" | "arrivals" | "duration"> => {
  // The warm-up is the first part of a schedule.
  const without = (stages: Stages.Stages) => Stages.length(stages) - Option.getOrElse(options.warmUp, () => 0)
  if (Option.isSome(options.arrivals)) {
    const stages = options.arrivals.value
    const most = Option.getOrUndefined(options.maxClients)
    return { clients: Stages.total(stages), arrivals: { most }, duration: without(stages) }
  }
  const { clients } = options
  if (typeof clients !== "number") return { clients: Stages.most(clients), levels: clients, duration: without(clients) }
  const rate = Option.getOrUndefined(options.rate)
  const given = Option.getOrUndefined(options.duration)
  if (rate === undefined || typeof rate === "number") return { clients, rate, duration: given }
  const length = Stages.length(rate)
  return { clients, rate: (Stages.total(rate) / length) * 1000, rateStages: rate, duration: given ?? length }
}

/** One of several scenarios. `--url` replaces its own. */
const placed = (
  { scenario, weight }: ScenarioSet.Weighted,
  urls: ReadonlyArray<string>,
  checkOwn: (url: string) => Either.Either<string, UserError>
): Either.Either<ScenarioSet.Weighted, UserError> => {
  const { url, ...connect } = scenario.connect
  if (opensOwn(scenario)) return Either.right({ weight, scenario })
  if (urls.length > 0) return Either.right({ weight, scenario: { ...scenario, connect } })
  const message = `scenario ${scenario.name}: there is no URL: give connect.url, or --url`
  return Either.map(url === undefined ? Either.left(UserError.of(message)) : checkOwn(url), (url) => ({
    weight,
    scenario: { ...scenario, connect: { ...connect, url } }
  }))
}

/** Makes the plan from the options. Fails with a `UserError` of one line. */
export const make = Effect.fn("EchoPlan.make")(function* (options: EchoOptions) {
  yield* failFor(wrongTogether(options))
  const { describe, url, ...said } = yield* conversation(options)
  const connecting = (scenario: Scenario.Scenario) =>
    Either.map(EchoConnect.merge(scenario.connect, options), (connect) => ({ ...scenario, connect }))
  const scenario = yield* connecting(said.scenario)
  const connected = (said.scenarios ?? []).map((each, index) =>
    Either.flatMap(connecting(each.scenario), (scenario) =>
      placed({ ...each, scenario }, options.urls, (url) => urlInFile(url, describe, index))
    )
  )
  const scenarios = said.scenarios && (yield* Either.all(connected))
  const given = yield* Either.all(options.urls.map(urlOption))
  const urls: LoadPlan["urls"] = Arr.isNonEmptyReadonlyArray(given) ? given : [url]
  const environment = yield* ScenarioFile.environment(
    Names.environmentOf([options.urls, ...scenariosOf({ scenario, scenarios })])
  )
  yield* checkNames(options, { ...said, scenario, scenarios, environment })
  const allUrls = scenariosOf({ scenario, scenarios }).flatMap((each) => urlsOf({ urls, scenarios }, each.scenario))
  const certificates = yield* EchoConnect.certificates(said.certificates, options, allUrls)
  const localAddresses = yield* EchoConnect.localAddressesOf(options)
  const scheduled = schedule(options)
  const plan: LoadPlan = {
    ...said,
    ...{ scenario, scenarios, environment, urls, certificates },
    localAddresses,
    localPorts: DEFAULT_PORTS,
    ramp: yield* ramp(options),
    ...scheduled,
    warmUp: Option.getOrUndefined(options.warmUp),
    timeout: options.timeout,
    seed: Option.getOrElse(options.seed, () => Date.now() % 2 ** 31),
    share: { index: 0, of: 1 }
  }
  const problem = problemOf(options.dryRun ? onePlan(plan) : plan) ?? wrongBarOf(plan)
  yield* failFor(problem && describe(problem.scenario, problem))
  return plan
})

/** Why the scenario can't be run, before anything of it is. */
const problemOf = (plan: LoadPlan): LocalRun.Misplanned | undefined => {
  for (const which of ["setup", "teardown"] as const) {
    const own = onceOf(plan, which)
    const problem = own && Option.getOrUndefined(Either.getLeft(LocalRun.tryCompile(own)))
    if (problem !== undefined) return { ...problem, path: [which, ...problem.path.slice(1)] }
  }
  const table = Rows.tooFew(plan)
  if (table !== undefined) return { scenario: 0, path: ["data", table.name], message: table.message }
  return Option.getOrUndefined(Either.getLeft(LocalRun.tryCompile(plan)))
}

/** The first condition of the scenario file that can't be read. Those of the options are read later. */
const wrongBarOf = (plan: LoadPlan): LocalRun.Misplanned | undefined => {
  const shape = RunFigures.shapeOf(plan)
  for (const field of ["thresholds", "abortOn"] as const) {
    for (const [index, text] of (plan.scenario[field] ?? []).entries()) {
      const parsed = parseThreshold(text, Suggestion.nearest, shape)
      if (Either.isLeft(parsed)) return { scenario: 0, path: [field, index], message: `${text}: ${parsed.left}` }
    }
  }
  return undefined
}

/** The plan with one conversation of each scenario, for `--dry-run`. */
export const onePlan = (plan: LoadPlan): LoadPlan => {
  const one = (scenario: Scenario.Scenario) => ({ ...scenario, steps: once(scenario.steps) })
  return {
    ...withOneConversation(plan),
    scenario: one(plan.scenario),
    scenarios: plan.scenarios?.map(({ scenario, weight }) => ({ weight, scenario: one(scenario) }))
  }
}

/** Reads the conditions of the scenario file, which `make` has checked, and those of the option. */
const barsOf = (
  options: EchoOptions,
  plan: LoadPlan,
  field: "thresholds" | "abortOn",
  option: string
): Either.Either<ReadonlyArray<Threshold>, UserError> => {
  const shape = RunFigures.shapeOf(plan)
  return Either.all(
    [...(plan.scenario[field] ?? []), ...options[field]].map((given) =>
      Either.mapLeft(parseThreshold(given, Suggestion.nearest, shape), (message) => bad(option, given, message))
    )
  )
}

export const thresholds = (options: EchoOptions, plan: LoadPlan) => barsOf(options, plan, "thresholds", "--threshold")

export const abortOn = (options: EchoOptions, plan: LoadPlan): Either.Either<ReadonlyArray<Threshold>, UserError> =>
  Either.flatMap(barsOf(options, plan, "abortOn", "--abort-on"), (bars) => {
    const late = bars.find(({ figure }) => !knows(figure))
    return late === undefined
      ? Either.right(bars)
      : Either.left(bad("--abort-on", late.text, `${late.figure} is known only at the end of a run`))
  })
