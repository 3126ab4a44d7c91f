import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { LoadRun } from "../../Echo/Load/LoadRun.ts"
import * as LocalRun from "../../Echo/Load/LocalRun.ts"
import { Machine } from "../../Echo/Load/Machine.ts"
import * as Preflight from "../../Echo/Load/Preflight.ts"
import * as WebSocketDialer from "../../Echo/Load/WebSocketDialer.ts"
import * as Worker from "../../Echo/Load/Worker.ts"
import * as Workers from "../../Echo/Load/Workers.ts"
import type { LoadPlan } from "../../Echo/Scenario/LoadPlan.ts"
import * as Output from "../Output.ts"
import { Signals } from "../Signals.ts"
import { UserError } from "../UserError.ts"
import type { EchoOptions } from "./EchoOptions.ts"
import * as EchoPlan from "./EchoPlan.ts"
import * as EchoResult from "./EchoResult.ts"
import * as EchoView from "./EchoView.ts"
import * as EchoWatch from "./EchoWatch.ts"

/** The delay at which plain lines count tenths of the clients: for conversations without a `--delay`. */
const TENTHS = 30

const isOriginal = ({ rate, scenario }: EchoOptions): boolean => Option.isNone(rate) && Option.isNone(scenario)

const preflight = Effect.fn("echo.preflight")(function* (plan: LoadPlan, { force, processes }: EchoOptions) {
  const resources = yield* Effect.flatMap(Machine, (machine) => machine.inspect)
  const problems = Preflight.check(plan, processes, resources)
  for (const problem of problems) yield* Output.note(force ? `warning: ${problem}` : problem)
  if (problems.length > 0 && !force) {
    return yield* new UserError({ message: "nothing was started; --force starts nevertheless" })
  }
  return { ...plan, localPorts: resources.ports }
})

/** Ctrl-C once: come to an end; twice: end, with a report. The live view says so itself, hence `silent`. */
const handleSignals = Effect.fn("echo.handleSignals")(function* (run: LoadRun, silent: boolean) {
  const { handle } = yield* Signals
  const { notes } = yield* Output.Output
  yield* handle(2, (count) => {
    if (count > 1) return run.abort
    if (!silent) notes.unsafeWrite("no more connections are opened; Ctrl-C again ends those at hand\n")
    return run.stop
  })
})

const lead = Effect.fn("echo")(function* (options: EchoOptions) {
  const thresholds = yield* EchoPlan.thresholds(options)
  const plan = yield* preflight(yield* EchoPlan.make(options), options)
  const abortOn = yield* EchoPlan.abortOn(options)
  const result = yield* EchoResult.prepare(options)
  const run = yield* options.processes === 1 ? LocalRun.make(plan) : Workers.make(plan, options.processes)
  const { notes } = yield* Output.Output
  const live = notes.isTerminal && !options.plain
  yield* handleSignals(run, live || options.quiet)
  const plain = EchoView.plain(plan, isOriginal(options) ? EchoPlan.delayOf(options) / 1000 : TENTHS)
  const view = options.quiet ? () => Effect.never : live ? EchoView.live : plain
  const showing = yield* Effect.forkScoped(view(run))
  const watch = yield* EchoWatch.start(run, abortOn, result.streams)
  const report = yield* run.report
  yield* Fiber.interrupt(showing)
  yield* result.finish(plan, report, thresholds, yield* watch.finish(report))
})

/** A worker leaves Ctrl-C to the process that leads: the terminal sends it to both. */
const work = Effect.flatMap(Signals, ({ handle }) =>
  Effect.zipRight(
    handle(Number.POSITIVE_INFINITY, () => Effect.void),
    Worker.run
  )
)

/** `effect-c10k echo`: makes a plan of the options, runs it, shows it and reports. */
export const run = (options: EchoOptions) =>
  Effect.suspend(() => (Worker.isWorker() ? work : lead(options))).pipe(
    Effect.scoped,
    Effect.provide([WebSocketDialer.layer, Machine.layer])
  )
