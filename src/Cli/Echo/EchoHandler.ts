import * as Console from "effect/Console"
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
import * as Interrupts from "../Interrupts.ts"
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
  for (const problem of problems) yield* Console.error(force ? `warning: ${problem}` : problem)
  if (problems.length > 0 && !force) {
    return yield* new UserError({ message: "nothing was started; --force starts nevertheless" })
  }
  return { ...plan, localPorts: resources.ports }
})

/** Ctrl-C once: come to an end; twice: end. The live view says so itself. */
const onSignal = (run: LoadRun, live: boolean) => (count: number) => {
  if (count > 1) return run.abort
  const say = Console.error("no more connections are opened; Ctrl-C again ends those at hand")
  return live ? run.stop : Effect.zipRight(say, run.stop)
}

const lead = Effect.fn("echo")(function* (options: EchoOptions) {
  const thresholds = yield* EchoPlan.thresholds(options)
  const plan = yield* preflight(yield* EchoPlan.make(options), options)
  const abortOn = yield* EchoPlan.abortOn(options)
  const result = yield* EchoResult.prepare(options)
  const run = yield* options.processes === 1 ? LocalRun.make(plan) : Workers.make(plan, options.processes)
  const live = process.stdout.isTTY && !options.plain
  yield* Interrupts.listen(onSignal(run, live))
  const view = live ? EchoView.live : EchoView.plain(plan, isOriginal(options) ? options.delay : TENTHS, result.print)
  const showing = yield* Effect.forkScoped(view(run))
  const watch = yield* EchoWatch.start(run, abortOn)
  const report = yield* run.report
  yield* Fiber.interrupt(showing)
  yield* result.finish(plan, report, thresholds, watch.reason())
})

/** A worker leaves Ctrl-C to the process that leads: the terminal sends it to both. */
const work = Effect.zipRight(
  Interrupts.listen(() => Effect.void),
  Worker.run
)

/** `effect-c10k echo`: makes a plan of the options, runs it, shows it and reports. */
export const run = (options: EchoOptions) =>
  Effect.suspend(() => (Worker.isWorker() ? work : lead(options))).pipe(
    Effect.scoped,
    Effect.mapError(({ message }) => new UserError({ message })),
    Effect.provide([WebSocketDialer.layer, Machine.layer]),
    Interrupts.outlast
  )
