import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as LocalAddress from "../../Echo/Load/LocalAddress.ts"
import { knows } from "../../Echo/Report/Observer.ts"
import { parse as parseThreshold, type Threshold } from "../../Echo/Report/Threshold.ts"
import type { LoadPlan } from "../../Echo/Scenario/LoadPlan.ts"
import * as Names from "../../Echo/Scenario/Names.ts"
import * as Ramp from "../../Echo/Scenario/Ramp.ts"
import * as Scenario from "../../Echo/Scenario/Scenario.ts"
import * as ScenarioFile from "../../Echo/Scenario/ScenarioFile.ts"
import * as Template from "../../Echo/Scenario/Template.ts"
import { parseTimeSpan } from "../../Echo/Scenario/TimeSpan.ts"
import * as Url from "../../Echo/Scenario/Url.ts"
import * as Suggestion from "../../Life/Universe/Suggestion.ts"
import { UserError } from "../UserError.ts"
import type { EchoOptions } from "./EchoOptions.ts"

const bad = (option: string, given: string | number, expected: string): UserError =>
  new UserError({ message: `${option} ${given}: ${expected}` })

const ORIGINAL_URL = "ws://localhost:8000/test/ws/"
const ECHO_URL = "ws://localhost:8000/test/echo/"
/** Linux's own, until the machine was looked at. */
const DEFAULT_PORTS = [32768, 60999] as const
const MOST_CLIENTS = 10_000_000
const MOST_PROCESSES = 256

/** A url whose placeholders are filled in for each client. */
const checkUrl = (text: string): Either.Either<string, UserError> => {
  const problem = Template.problemOf(text)
  if (problem !== undefined) return Either.left(bad("--url", text, problem))
  const url = Url.parse(Template.compile(text)(Template.sample))
  if (url === undefined) {
    return Either.left(bad("--url", text, "expected a WebSocket url, such as ws://localhost:8000/test/ws/"))
  }
  return Either.right(Template.isConstant(text) ? url.href : text)
}

/** Longer waits for one reply are no use, and their times would not fit into the histograms. */
const LONGEST_TIMEOUT = 3_600_000

const timeout = (text: string): Either.Either<number, UserError> =>
  Either.filterOrLeft(
    time("--timeout", text),
    (milliseconds) => milliseconds <= LONGEST_TIMEOUT,
    () => bad("--timeout", text, "expected a time up to 1h")
  )

const time = (option: string, text: string): Either.Either<number, UserError> => {
  const milliseconds = parseTimeSpan(text)
  return milliseconds === undefined || milliseconds === 0
    ? Either.left(bad(option, text, "expected a time over 0, such as 500ms, 30s or 2m"))
    : Either.right(milliseconds)
}

const checkNumbers = (options: EchoOptions): Either.Either<void, UserError> => {
  const { clients, delay, processes, rate } = options
  if (clients < 1 || clients > MOST_CLIENTS) {
    return Either.left(bad("--clients", clients, `expected a whole number from 1 to ${MOST_CLIENTS}`))
  }
  if (!(delay >= 0 && delay <= 86_400)) return Either.left(bad("--delay", delay, "expected seconds, from 0 to 86400"))
  if (processes < 1 || processes > Math.min(clients, MOST_PROCESSES)) {
    return Either.left(
      bad("--processes", processes, `expected a whole number from 1 to ${Math.min(clients, MOST_PROCESSES)}`)
    )
  }
  if (Option.isSome(rate) && !(rate.value > 0 && rate.value <= 1e7)) {
    return Either.left(bad("--rate", rate.value, "expected messages a second, over 0 and up to 10000000"))
  }
  if (Option.isSome(rate) && Option.isNone(options.duration)) {
    return Either.left(new UserError({ message: "--rate needs --duration, such as --duration 30s: how long to send" }))
  }
  if (Option.isSome(options.message) && (Option.isNone(rate) || Option.isSome(options.scenario))) {
    return Either.left(
      new UserError({ message: "--message goes with --rate, and without --scenario, whose steps say what to send" })
    )
  }
  return Either.void
}

const around = ({ environment, tables }: Pick<LoadPlan, "environment" | "tables">): Names.Surroundings => ({
  columns: (table: string) => tables[table]?.columns,
  hasEnvironment: (name: string) => environment[name] !== undefined
})

/** A scenario without a file, which may name the environment. */
const alone = Effect.fn("EchoPlan.alone")(function* (scenario: Scenario.Scenario, url: string) {
  const environment = yield* ScenarioFile.environment(Names.environmentOf(scenario))
  return { scenario, files: {}, tables: {}, environment, url }
})

/** Whether every url, and what else the command line gives, names only what has a value. */
const checkNames = (options: EchoOptions, plan: Pick<LoadPlan, "scenario" | "environment" | "tables">) => {
  const surroundings = around(plan)
  const problem = Names.check(plan.scenario, surroundings)
  if (problem !== undefined) return Either.left(new UserError({ message: `--message: ${problem.message}` }))
  for (const url of options.urls) {
    const message = Names.checkConnecting(url, plan.scenario, surroundings)
    if (message !== undefined) return Either.left(bad("--url", url, message))
  }
  return Either.void
}

/** The conversation, the files that it sends, and where it goes unless `--url` says. */
const conversation = Effect.fn("EchoPlan.conversation")(function* (options: EchoOptions) {
  if (Option.isSome(options.scenario)) {
    const loaded = yield* ScenarioFile.load(options.scenario.value)
    const { url } = loaded.scenario.connect
    if (url === undefined && options.urls.length === 0) {
      return yield* new UserError({ message: `${options.scenario.value}: no url: give connect.url there, or --url` })
    }
    return { ...loaded, url: url === undefined ? ORIGINAL_URL : yield* checkUrl(url) }
  }
  if (Option.isSome(options.rate)) {
    const message = Option.getOrElse(options.message, () => "{{client}} {{message}}")
    const problem = Template.problemOf(message)
    if (problem !== undefined) return yield* bad("--message", message, problem)
    return yield* alone(Scenario.echoing(message), ECHO_URL)
  }
  return yield* alone(Scenario.original(options.delay * 1000), ORIGINAL_URL)
})

const ramp = (options: EchoOptions): Either.Either<Ramp.Ramp, UserError> => {
  if (Option.isSome(options.ramp)) {
    const given = options.ramp.value
    return Either.mapLeft(Ramp.parse(given), (message) => bad("--ramp", given, message))
  }
  return Either.right(
    Option.isNone(options.scenario) && Option.isNone(options.rate)
      ? { _tag: "Random", over: 2 * options.delay * 1000 }
      : { _tag: "Rate", perSecond: 1000 }
  )
}

const certificates = Effect.fn("EchoPlan.certificates")(function* ({ ca }: EchoOptions) {
  if (Option.isNone(ca)) return undefined
  const fs = yield* FileSystem.FileSystem
  return yield* Effect.mapError(fs.readFileString(ca.value), ({ message }) =>
    bad("--ca", ca.value, `cannot be read (${message})`)
  )
})

const isTuple = <A>(list: ReadonlyArray<A>): list is readonly [A, ...Array<A>] => list.length > 0

/** The plan that the options ask for. */
export const make = Effect.fn("EchoPlan.make")(function* (options: EchoOptions) {
  yield* checkNumbers(options)
  const { url, ...said } = yield* conversation(options)
  const urls = yield* Either.all(options.urls.map(checkUrl))
  const named = options.urls.flatMap(Template.namesIn).filter((name) => name.startsWith("env."))
  const given = yield* ScenarioFile.environment(named.map((name) => name.slice(4)))
  const environment = { ...said.environment, ...given }
  yield* checkNames(options, { ...said, environment })
  const localAddresses = yield* Option.match(options.localAddress, {
    onNone: () => Either.right<ReadonlyArray<string>>([]),
    onSome: (given) =>
      Either.mapLeft(LocalAddress.parse(given), (message) => new UserError({ message: `--local-address: ${message}` }))
  })
  const plan: LoadPlan = {
    ...said,
    environment,
    urls: isTuple(urls) ? urls : [url],
    localAddresses,
    localPorts: DEFAULT_PORTS,
    ca: yield* certificates(options),
    clients: options.clients,
    ramp: yield* ramp(options),
    rate: Option.getOrUndefined(options.rate),
    duration: Option.isNone(options.duration) ? undefined : yield* time("--duration", options.duration.value),
    timeout: yield* timeout(options.timeout),
    seed: Option.getOrElse(options.seed, () => Date.now() % 2 ** 31),
    share: { index: 0, of: 1 }
  }
  return plan
})

const parseBars = (option: string, texts: ReadonlyArray<string>): Either.Either<ReadonlyArray<Threshold>, UserError> =>
  Either.all(
    texts.map((given) =>
      Either.mapLeft(parseThreshold(given, Suggestion.nearest), (message) => bad(option, given, message))
    )
  )

/** The bars that `--threshold` gave. */
export const thresholds = (options: EchoOptions) => parseBars("--threshold", options.thresholds)

/** What `--abort-on` gave. */
export const abortOn = (options: EchoOptions): Either.Either<ReadonlyArray<Threshold>, UserError> =>
  Either.flatMap(parseBars("--abort-on", options.abortOn), (bars) => {
    const late = bars.find(({ figure }) => !knows(figure))
    return late === undefined
      ? Either.right(bars)
      : Either.left(bad("--abort-on", late.text, `${late.figure} is known at the end of a run only`))
  })
