/** `--find`: tries loads until it knows the highest one that holds. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { Machine } from "../../Echo/Load/Machine.ts"
import * as Preflight from "../../Echo/Load/Preflight.ts"
import { Bisection } from "../../Echo/Measure/Bisection.ts"
import * as Search from "../../Echo/Report/Search.ts"
import type { Threshold } from "../../Echo/Report/Threshold.ts"
import type { LoadPlan } from "../../Echo/Scenario/LoadPlan.ts"
import * as Output from "../Output.ts"
import { UserError } from "../UserError.ts"
import * as EchoKinds from "./EchoKinds.ts"
import type { EchoOptions } from "./EchoOptions.ts"
import type { EchoRunner } from "./EchoRunner.ts"

/** The quantity to search, and the load that must be reached. */
interface SearchGoal {
  readonly of: Search.Of
  readonly atLeast: number | undefined
}

/** Reads `clients` or `rate`, with or without a required load: `rate>=1000`. */
const parse = (text: string): Either.Either<SearchGoal, UserError> => {
  const [, of, bound] = /^\s*(clients|rate)(?:\s*>=\s*(\d+(?:\.\d+)?))?\s*$/.exec(text) ?? []
  const message = `--find ${text}: expected clients or rate, or a required load such as 'rate>=1000'`
  return of === "clients" || of === "rate"
    ? Either.right({ of, atLeast: bound === undefined ? undefined : Number(bound) })
    : Either.left(UserError.of(message))
}

/** The first load of a search for a rate without `--rate`, in messages per second. */
const FIRST_RATE = 100
const MAX_LOAD: Readonly<Record<Search.Of, number>> = { clients: EchoKinds.MAX_CLIENTS, rate: 1e7 }

const firstOf = (plan: LoadPlan, of: Search.Of): number => (of === "rate" ? (plan.rate ?? FIRST_RATE) : plan.clients)

const boundsOf = ({ agents, findMost, findWithin, processes }: EchoOptions, of: Search.Of) => ({
  least: of === "clients" ? Option.getOrElse(agents, () => processes) : 0.1,
  most: Option.getOrElse(findMost, () => MAX_LOAD[of]),
  within: findWithin,
  whole: of === "clients"
})

/** The target of `--find`, if it is given, and the options with the first load. */
export const prepare = Effect.fn("EchoSearch.prepare")(function* (options: EchoOptions) {
  if (Option.isNone(options.find)) {
    if (Option.isSome(options.findMost)) return yield* UserError.of("--find-most needs --find clients or --find rate")
    return { target: undefined, options }
  }
  const target = yield* parse(options.find.value)
  if (options.repeat > 1) {
    return yield* UserError.of("--repeat and --find can't be combined: --find itself tries each load that fails twice")
  }
  const begins = target.of === "rate" && Option.isNone(options.rate) ? { rate: Option.some(FIRST_RATE) } : {}
  return { target, options: { ...options, ...begins } }
})

/** The pause between two trials, in which the server cleans up after the last one. */
const PAUSE = "500 millis"

/** Why this machine can't make a load; empty if it can, and if other machines make it. */
const refusals = (plan: LoadPlan, { agents, force, processes }: EchoOptions) =>
  force || Option.isSome(agents)
    ? Effect.succeed([])
    : Effect.flatMap(Machine, ({ inspect }) =>
        Effect.map(inspect, (resources) => Preflight.check(plan, processes, resources))
      )

export const run = Effect.fn("EchoSearch.run")(function* (
  runner: EchoRunner,
  plan: LoadPlan,
  of: Search.Of,
  options: EchoOptions,
  thresholds: ReadonlyArray<Threshold>
) {
  const search = new Bisection(firstOf(plan, of), boundsOf(options, of))
  const trials: Array<Search.Trial> = []
  const note = (text: string) => (options.quiet ? Effect.void : Output.note(text))
  const attempt = Effect.fn("EchoSearch.attempt")(function* (load: number) {
    yield* note(`${trials.length === 0 ? "" : "\n"}trying ${Search.showLoad(of, load)}`)
    const { abortedFor, ...run } = yield* runner.run(Search.withLoad(plan, of, load))
    const judged = Search.judge(load, run, thresholds)
    const endedBy = runner.unsafeIsStopped()
      ? "interrupted"
      : abortedFor && `ended by --abort-on ${abortedFor.threshold.text}`
    const trial = endedBy === undefined ? judged : { ...judged, broke: endedBy }
    trials.push(trial)
    if (runner.unsafeIsStopped()) return trial
    yield* note(
      `${Search.showLoad(of, load)} ${trial.broke === undefined ? "was sustained" : `was not sustained: ${trial.broke}`}`
    )
    yield* Effect.sleep(PAUSE)
    return trial
  })
  let endedFor: string | undefined
  for (let load = search.next; load !== undefined && endedFor === undefined; load = search.next) {
    const problems = yield* refusals(Search.withLoad(plan, of, load), options)
    if (problems.length > 0) endedFor = problems.join("; ")
    else {
      let trial = yield* attempt(load)
      // A short disturbance of the machine must not make the result far too low, so a load that fails is tried twice.
      if (trial.broke !== undefined && !runner.unsafeIsStopped() && !Search.isOverloaded(trial))
        trial = yield* attempt(load)
      if (runner.unsafeIsStopped()) endedFor = "interrupted"
      else if (Search.isOverloaded(trial)) endedFor = "this tool was the limit, not the server"
      else search.take(load, trial.broke === undefined)
    }
  }
  const { broke, sustained } = search
  if (!Arr.isNonEmptyArray(trials)) return yield* UserError.of(`nothing was tried: ${endedFor}`)
  return { of, trials, sustained, broke, endedFor } satisfies Search.Search
})
