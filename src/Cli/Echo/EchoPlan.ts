import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as LocalAddress from "../../Echo/Load/LocalAddress.ts"
import * as LocalRun from "../../Echo/Load/LocalRun.ts"
import * as Rows from "../../Echo/Load/Rows.ts"
import * as RunFigures from "../../Echo/Load/RunFigures.ts"
import type { Report } from "../../Echo/Measure/Report.ts"
import { knows } from "../../Echo/Report/Observer.ts"
import { parse as parseThreshold, type Threshold } from "../../Echo/Report/Threshold.ts"
import { type LoadPlan, onceOf, scenariosOf, urlsOf, withOneConversation } from "../../Echo/Scenario/LoadPlan.ts"
import * as Names from "../../Echo/Scenario/Names.ts"
import * as Ramp from "../../Echo/Scenario/Ramp.ts"
import * as Scenario from "../../Echo/Scenario/Scenario.ts"
import * as ScenarioFile from "../../Echo/Scenario/ScenarioFile.ts"
import * as Stages from "../../Echo/Scenario/Stages.ts"
import { allParts, once } from "../../Echo/Scenario/Steps.ts"
import * as Template from "../../Echo/Scenario/Template.ts"
import * as Suggestion from "../../Text/Suggestion.ts"
import * as WebSocketUrl from "../../Text/WebSocketUrl.ts"
import { UserError } from "../UserError.ts"
import * as EchoConnect from "./EchoConnect.ts"
import type { EchoOptions } from "./EchoOptions.ts"

const bad = (option: string, given: string | number, expected: string): UserError =>
  new UserError({ message: `${option} ${given}: ${expected}` })

const ORIGINAL_URL = "ws://localhost:8000/test/ws/"
const ECHO_URL = "ws://localhost:8000/test/echo/"
/** The default port range of Linux. `EchoHandler.ts` replaces it with the range of this machine. */
const DEFAULT_PORTS = [32768, 60999] as const

/** Checks a URL whose placeholders are filled in for each client. */
const checkUrl = (text: string): Either.Either<string, UserError> => {
  const problem = Template.problemOf(text)
  if (problem !== undefined) return Either.left(bad("--url", text, problem))
  const url = WebSocketUrl.parse(Template.compile(text)(Template.sample))
  if (url === undefined) {
    return Either.left(bad("--url", text, WebSocketUrl.expected(text, "ws://localhost:8000/test/ws/")))
  }
  // The address is read as a template again, so one that has braces of its own stays as it was written.
  return Either.right(Template.isConstant(text) && !url.href.includes("{{") ? url.href : text)
}

/** The most clients at one time. */
const mostOf = ({ clients }: EchoOptions): number => (typeof clients === "number" ? clients : Stages.most(clients))

/** Refuses options that would be ignored. */
const checkTogether = (options: EchoOptions): Either.Either<void, UserError> => {
  const { arrivals, delay, processes, rate } = options
  const clients = mostOf(options)
  const wrong = (message: string) => Either.left(new UserError({ message }))
  if (processes > clients) return wrong(`--processes ${processes}: expected at most the number of clients, ${clients}`)
  if (Option.isSome(options.message) && (Option.isNone(rate) || Option.isSome(options.scenario))) {
    return wrong("--message needs --rate, and can't be combined with --scenario, whose steps say what to send")
  }
  if (Option.isSome(delay) && (Option.isSome(options.scenario) || Option.isSome(rate))) {
    return wrong("--delay is for the built-in conversation: leave it out with --scenario and --rate")
  }
  if (typeof options.clients !== "number") {
    const { duration, find, ramp } = options
    const others: Readonly<Record<string, Option.Option<unknown>>> = { rate, ramp, duration, arrivals, find }
    const given = Object.keys(others).find((name) => others[name] !== undefined && Option.isSome(others[name]))
    if (given !== undefined)
      return wrong(`--clients has stages, which say how many clients there are and for how long: leave out --${given}`)
  }
  if (Option.isSome(arrivals)) {
    const { duration, find, ramp } = options
    const others: Readonly<Record<string, Option.Option<unknown>>> = { rate, ramp, duration, find }
    const given = Object.keys(others).find((name) => others[name] !== undefined && Option.isSome(others[name]))
    if (given !== undefined) return wrong(`--arrivals says when clients arrive and for how long: leave out --${given}`)
  } else if (Option.isSome(options.maxClients)) {
    return wrong("--max-clients needs --arrivals: without it, --clients is the number of clients")
  }
  if (Option.isSome(rate) && typeof rate.value === "number" && Option.isNone(options.duration)) {
    return wrong("--rate needs --duration, which says how long to send, such as --duration 30s")
  }
  if (Option.isSome(options.find) && Option.isSome(rate) && typeof rate.value !== "number") {
    return wrong("--find needs a number for --rate, not stages: the search starts with it")
  }
  const { agents, nats, natsCreds } = options
  if (Option.isSome(agents) !== Option.isSome(nats)) {
    return wrong(
      "--agents and --nats belong together: give the number of agents, and the NATS servers that they have joined"
    )
  }
  if (Option.isSome(natsCreds) && Option.isNone(nats))
    return wrong("--nats-creds needs --nats: give the URL of a NATS server too")
  if (Option.isSome(agents) && (options.processes > 1 || Option.isSome(options.localAddress))) {
    return wrong(
      "--processes and --local-address are for this machine: with --agents, start more agents, and give each its --local-address"
    )
  }
  if (Option.isSome(options.warmUp)) {
    const isStaged = typeof options.clients !== "number"
    if (!isStaged && Option.isNone(arrivals) && Option.isNone(options.duration) && Option.isNone(rate)) {
      return wrong("--warm-up needs --duration, --rate or --arrivals: otherwise no load follows it")
    }
    const stages = typeof options.clients === "number" ? Option.getOrUndefined(arrivals) : options.clients
    if (stages !== undefined && options.warmUp.value >= Stages.length(stages))
      return wrong("--warm-up: expected a shorter time than the stages take")
  }
  return Either.void
}

const around = ({ environment, tables }: Pick<LoadPlan, "environment" | "tables">): Names.Surroundings => ({
  columns: (table: string) => tables[table]?.columns,
  hasEnvironment: (name: string) => environment[name] !== undefined
})

/** A built-in scenario. It has no files, but may use the environment. */
const alone = (scenario: Scenario.Scenario, url: string) => {
  const describe = (_: number, { message }: Names.Problem) => message
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
  const surroundings = around(plan)
  for (const { scenario } of scenariosOf(plan)) {
    const problem = Names.check(scenario, surroundings)
    if (problem !== undefined) {
      const option = OPTIONS[String(problem.path[0] === "connect" ? problem.path[1] : "message")]
      return Either.left(new UserError({ message: `${option}: ${problem.message}` }))
    }
    for (const url of options.urls) {
      const message = Names.checkConnecting(url, scenario, surroundings)
      if (message !== undefined) return Either.left(bad("--url", url, message))
    }
  }
  return Either.void
}
/** The default of `--delay`, in milliseconds. */
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
    if (scenariosOf(loaded).every(({ scenario }) => opensOwn(scenario))) {
      if (options.urls.length > 0)
        return yield* bad(
          "--url",
          options.urls[0]!,
          "a k6 script says itself where it connects: see its environment variables"
        )
      return { ...loaded, url: url ?? NO_URL }
    }
    // Each of several scenarios may have its own.
    if (loaded.scenarios !== undefined) return { ...loaded, url: url ?? NO_URL }
    if (url === undefined && options.urls.length === 0) {
      return yield* new UserError({
        message: `${options.scenario.value}: there is no URL: give connect.url in the file, or --url`
      })
    }
    return { ...loaded, url: url === undefined ? ORIGINAL_URL : yield* checkUrl(url) }
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

const isTuple = <A>(list: ReadonlyArray<A>): list is readonly [A, ...Array<A>] => list.length > 0

/** The number of clients, the rate of messages, and the duration. */
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

/** Applies the options to several scenarios. `--url` replaces their URLs. */
const connectingAll = (
  scenarios: LoadPlan["scenarios"],
  urls: ReadonlyArray<string>,
  connecting: (scenario: Scenario.Scenario) => Either.Either<Scenario.Scenario, UserError>
): Either.Either<LoadPlan["scenarios"], UserError> =>
  scenarios === undefined
    ? Either.right(undefined)
    : Either.all(
        scenarios.map(({ scenario, weight }) =>
          Either.flatMap(connecting(scenario), (one) => {
            const { url, ...connect } = one.connect
            if (opensOwn(one)) return Either.right({ weight, scenario: one })
            if (urls.length > 0) return Either.right({ weight, scenario: { ...one, connect } })
            return url === undefined
              ? Either.left(
                  new UserError({ message: `scenario ${scenario.name}: there is no URL: give connect.url, or --url` })
                )
              : Either.map(checkUrl(url), (url) => ({ weight, scenario: { ...one, connect: { ...connect, url } } }))
          })
        )
      )

/** Makes the plan from the options. Fails with a `UserError` of one line. */
export const make = Effect.fn("EchoPlan.make")(function* (options: EchoOptions) {
  yield* checkTogether(options)
  const { describe, url, ...said } = yield* conversation(options)
  const connecting = (scenario: Scenario.Scenario) =>
    Either.map(EchoConnect.merge(scenario.connect, options), (connect) => ({ ...scenario, connect }))
  const scenario = yield* connecting(said.scenario)
  const scenarios = yield* connectingAll(said.scenarios, options.urls, connecting)
  const given = yield* Either.all(options.urls.map(checkUrl))
  const urls: LoadPlan["urls"] = isTuple(given) ? given : [url]
  const named = options.urls.flatMap(Template.namesIn).filter((name) => name.startsWith("env."))
  const environment = yield* ScenarioFile.environment([
    ...scenariosOf({ scenario, scenarios }).flatMap((each) => Names.environmentOf(each.scenario)),
    ...named.map((name) => name.slice(4))
  ])
  yield* checkNames(options, { ...said, scenario, scenarios, environment })
  const allUrls = scenariosOf({ scenario, scenarios }).flatMap((each) => urlsOf({ urls, scenarios }, each.scenario))
  const certificates = yield* EchoConnect.certificates(said.certificates, options, allUrls)
  const localAddresses = yield* Option.match(options.localAddress, {
    onNone: () => Either.right<ReadonlyArray<string>>([]),
    onSome: (given) =>
      Either.mapLeft(LocalAddress.parse(given), (message) => new UserError({ message: `--local-address: ${message}` }))
  })
  const scheduled = schedule(options)
  const tooFew = Rows.tooFew({ clients: scheduled.clients, tables: said.tables })
  if (tooFew !== undefined) return yield* new UserError({ message: tooFew })
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
  if (problem !== undefined) return yield* new UserError({ message: describe(problem.scenario, problem) })
  return plan
})

/** Why the scenario can't be run, before anything of it is. */
const problemOf = (plan: LoadPlan): LocalRun.Misplanned | undefined => {
  for (const which of ["setup", "teardown"] as const) {
    const own = onceOf(plan, which)
    const problem = own && Option.getOrUndefined(Either.getLeft(LocalRun.tryCompile(own)))
    if (problem !== undefined) return { ...problem, path: [which, ...problem.path.slice(1)] }
  }
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

/** Reads the conditions of the scenario file, by the name of their field, and those of an option. */
const parseBars = (
  [field, inFile = []]: readonly [field: string, inFile: ReadonlyArray<string> | undefined],
  option: string,
  texts: ReadonlyArray<string>,
  shape: Report
): Either.Either<ReadonlyArray<Threshold>, UserError> => {
  const all = [
    ...inFile.map((given) => [`${field} of the scenario:`, given] as const),
    ...texts.map((given) => [option, given] as const)
  ]
  return Either.all(
    all.map(([place, given]) =>
      Either.mapLeft(parseThreshold(given, Suggestion.nearest, shape), (message) => bad(place, given, message))
    )
  )
}

/** The conditions of the scenario's `thresholds` and of `--threshold`. */
export const thresholds = (options: EchoOptions, plan: LoadPlan) =>
  parseBars(["thresholds", plan.scenario.thresholds], "--threshold", options.thresholds, RunFigures.shapeOf(plan))

/** The conditions of the scenario's `abortOn` and of `--abort-on`. */
export const abortOn = (options: EchoOptions, plan: LoadPlan): Either.Either<ReadonlyArray<Threshold>, UserError> =>
  Either.flatMap(
    parseBars(["abortOn", plan.scenario.abortOn], "--abort-on", options.abortOn, RunFigures.shapeOf(plan)),
    (bars) => {
      const late = bars.find(({ figure }) => !knows(figure))
      return late === undefined
        ? Either.right(bars)
        : Either.left(bad("--abort-on", late.text, `${late.figure} is known only at the end of a run`))
    }
  )
