import { Console } from "node:console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Machine } from "../../Echo/Load/Machine.ts"
import * as Preflight from "../../Echo/Load/Preflight.ts"
import * as WebSocketDialer from "../../Echo/Load/WebSocketDialer.ts"
import type { Threshold } from "../../Echo/Report/Threshold.ts"
import type { LoadPlan } from "../../Echo/Scenario/LoadPlan.ts"
import * as Authority from "../../Text/Authority.ts"
import { format as formatMillis } from "../../Text/Milliseconds.ts"
import * as Output from "../Output.ts"
import { Signals } from "../Signals.ts"
import { UserError } from "../UserError.ts"
import * as EchoDryRun from "./EchoDryRun.ts"
import type { EchoOptions } from "./EchoOptions.ts"
import * as EchoPlan from "./EchoPlan.ts"
import * as EchoResult from "./EchoResult.ts"
import * as EchoRunner from "./EchoRunner.ts"
import * as EchoSearch from "./EchoSearch.ts"
import * as EchoWorkers from "./EchoWorkers.ts"

const preflight = Effect.fn("echo.preflight")(function* (plan: LoadPlan, { agents, force, processes }: EchoOptions) {
  // Each agent checks its own machine.
  if (Option.isSome(agents)) return plan
  const resources = yield* (yield* Machine).inspect
  const problems = Preflight.check(plan, processes, resources)
  for (const problem of problems) yield* Output.note(force ? `warning: ${problem}` : problem)
  if (problems.length > 0 && !force) {
    return yield* UserError.of("nothing was started; start anyway with --force")
  }
  return { ...plan, localPorts: resources.ports }
})

/** Runs the plan as often as `--repeat` says, or until the user or `--abort-on` ends a run. */
const repeat = Effect.fn("echo.repeat")(function* (
  runner: EchoRunner.EchoRunner,
  plan: LoadPlan,
  { quiet, repeat }: EchoOptions
) {
  const run = Effect.fn("echo.repeat.run")(function* (number: number) {
    if (!quiet && repeat > 1) yield* Output.note(`run ${number} of ${repeat}`)
    return yield* runner.run(plan)
  })
  let last = yield* run(1)
  const runs: [EchoRunner.EndedRun, ...Array<EchoRunner.EndedRun>] = [last]
  while (runs.length < repeat && last.abortedFor === undefined && !runner.unsafeIsStopped()) {
    last = yield* run(runs.length + 1)
    runs.push(last)
  }
  const teardownFailure = runs.find((run) => run.teardownFailure !== undefined)?.teardownFailure
  return { runs, ended: { abortedFor: last.abortedFor, teardownFailure } }
})

const openUi = Effect.fn("echo.openUi")(function* ({ ui }: EchoOptions, thresholds: ReadonlyArray<Threshold>) {
  if (Option.isNone(ui)) return undefined
  const address = Authority.parse(ui.value, "127.0.0.1")
  if (address === undefined) {
    return yield* UserError.of(`--ui ${ui.value}: expected a port, or HOST:PORT`)
  }
  const { make } = yield* Effect.promise(() => import("./Ui/Ui.ts"))
  return yield* make(address, thresholds)
})

/** Loads the NATS packages only with `--agents`. */
const openFleet = (options: EchoOptions) =>
  Option.isNone(options.agents)
    ? Effect.succeed(undefined)
    : Effect.flatMap(
        Effect.promise(() => import("./Agents/EchoFleet.ts")),
        ({ gather }) => gather(options)
      )

const prepare = Effect.fn("echo.prepare")(function* (given: EchoOptions) {
  const { options, target } = yield* EchoSearch.prepare(given)
  const planned = yield* EchoPlan.make(options)
  const thresholds = yield* EchoPlan.thresholds(options, planned)
  const abortOn = yield* EchoPlan.abortOn(options, planned)
  const plan = yield* preflight(planned, options)
  const fleet = yield* openFleet(options)
  const result = yield* EchoResult.prepare(options, fleet)
  const runner = yield* EchoRunner.make(options, abortOn, result.streams, yield* openUi(options, thresholds), fleet)
  return { options, target, plan, thresholds, result, runner }
})

type Prepared = Effect.Effect.Success<ReturnType<typeof prepare>>

/** Tells a user who gave only a URL which conversation his server will get. */
const introduce = (options: EchoOptions) => {
  if (options.quiet || !EchoPlan.isOriginal(options)) return Effect.void
  const { arrivals, duration, ramp } = options
  const delay = EchoPlan.delayOf(options)
  // Clients start at random times within two delays, unless an option says when.
  const whole =
    Option.isNone(arrivals) && Option.isNone(duration) && Option.isNone(ramp)
      ? `, ${formatMillis(5 * delay)} in all`
      : ""
  return Output.note(
    `each client has the built-in conversation: the server says Hello!, and answers Spam?, Eggs! and Python. It sends one every ${formatMillis(delay)}: about ${formatMillis(3 * delay)} a client${whole}.`,
    "for your own server: --rate 100 --duration 30s expects each message back; --scenario FILE has your own messages.",
    ""
  )
}

const load = Effect.fn("echo.load")(function* (prepared: Prepared) {
  const { options, plan, result, runner, target, thresholds } = prepared
  yield* introduce(options)
  if (target === undefined) {
    const { ended, runs } = yield* repeat(runner, plan, options)
    return yield* result.finish(plan, runs, thresholds, ended)
  }
  const search = yield* EchoSearch.run(runner, plan, target.of, options, thresholds)
  yield* result.finishSearch(plan, search, thresholds, target.atLeast)
})

/** If an output is closed, the run ends, and its results are still written to the files. */
const lead = Effect.fn("echo")(function* (given: EchoOptions) {
  if (given.dryRun) return yield* Output.untilBroken(EchoDryRun.run(given))
  const prepared = yield* Output.untilBroken(prepare(given))
  yield* Output.stoppedByBreak(load(prepared), prepared.runner.abort)
})

/** A worker ignores Ctrl-C, which the terminal sends to all processes. The leading process ends the run. */
const work = Effect.flatMap(Signals, ({ handle }) =>
  Effect.zipRight(
    handle(Number.POSITIVE_INFINITY, () => Effect.void),
    EchoWorkers.run
  )
)

/** What scripts print must not get between the results, which go to standard output. Afterwards the console is what it was. */
const scriptsPrintToErrors = Effect.acquireRelease(
  Effect.sync(() => {
    const before = globalThis.console
    globalThis.console = new Console(process.stderr)
    return before
  }),
  (before) =>
    Effect.sync(() => {
      globalThis.console = before
    })
)

/** `effect-c10k echo`: makes a plan from the options, runs it, shows the progress and reports the results. */
export const run = ({ target, ...options }: EchoOptions & { readonly target: Option.Option<string> }) =>
  Effect.suspend(() => {
    const urls = [...Option.toArray(target), ...options.urls]
    const main = EchoWorkers.isWorker() ? Output.untilBroken(work) : lead({ ...options, urls })
    return Effect.zipRight(scriptsPrintToErrors, main)
  }).pipe(Effect.scoped, Effect.provide([WebSocketDialer.layer, Machine.layer]))
