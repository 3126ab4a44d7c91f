import * as FileSystem from "@effect/platform/FileSystem"
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
import * as Report from "../../Echo/Measure/Report.ts"
import * as ReportCsv from "../../Echo/Report/ReportCsv.ts"
import * as ReportHtml from "../../Echo/Report/ReportHtml.ts"
import * as ReportJson from "../../Echo/Report/ReportJson.ts"
import * as Summary from "../../Echo/Report/Summary.ts"
import * as Threshold from "../../Echo/Report/Threshold.ts"
import type { LoadPlan } from "../../Echo/Scenario/LoadPlan.ts"
import * as ExitStatus from "../ExitStatus.ts"
import * as Interrupts from "../Interrupts.ts"
import { UserError } from "../UserError.ts"
import type { EchoOptions } from "./EchoOptions.ts"
import * as EchoPlan from "./EchoPlan.ts"
import * as EchoView from "./EchoView.ts"

const FAILED = 1
const THRESHOLD_FAILED = 99
const INTERRUPTED = 130

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

const write = Effect.fn("echo.write")(function* (file: Option.Option<string>, content: () => string) {
  if (Option.isNone(file)) return
  const fs = yield* FileSystem.FileSystem
  yield* Effect.mapError(
    fs.writeFileString(file.value, content()),
    (error) => new UserError({ message: `${file.value}: cannot be written (${error.message})` })
  )
})

const finish = Effect.fn("echo.finish")(function* (
  options: EchoOptions,
  plan: LoadPlan,
  report: Report.Report,
  thresholds: ReadonlyArray<Threshold.Threshold>
) {
  const verdicts = thresholds.map((threshold) => Threshold.judge(threshold, report))
  for (const line of Summary.render(report)) yield* Console.log(line)
  if (verdicts.length > 0) yield* Console.log(["", ...verdicts.map(Threshold.describe)].join("\n"))
  if (report.interrupted) yield* ExitStatus.set(INTERRUPTED)
  else if (verdicts.some((verdict) => !verdict.passed)) yield* ExitStatus.set(THRESHOLD_FAILED)
  else if (!Report.isRight(report)) yield* ExitStatus.set(FAILED)
  yield* write(options.json, () => ReportJson.render(plan, report, verdicts))
  yield* write(options.csv, () => ReportCsv.render(report))
  yield* write(options.html, () => ReportHtml.render(plan, report, verdicts))
})

const lead = Effect.fn("echo")(function* (options: EchoOptions) {
  const thresholds = yield* EchoPlan.thresholds(options)
  const plan = yield* preflight(yield* EchoPlan.make(options), options)
  const run = yield* options.processes === 1 ? LocalRun.make(plan) : Workers.make(plan, options.processes)
  const live = process.stdout.isTTY && !options.plain
  yield* Interrupts.listen(onSignal(run, live))
  const view = live ? EchoView.live : EchoView.plain(plan, isOriginal(options) ? options.delay : TENTHS)
  const showing = yield* Effect.forkScoped(view(run))
  const report = yield* run.report
  yield* Fiber.interrupt(showing)
  yield* finish(options, plan, report, thresholds)
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
