/** Runs plans one after the other. Shows the progress of each run, watches it, and ends it on Ctrl-C. */

import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { Dialer } from "../../Echo/Load/Dialer.ts"
import type { LoadRun, PlanError } from "../../Echo/Load/LoadRun.ts"
import * as LocalRun from "../../Echo/Load/LocalRun.ts"
import type { Second } from "../../Echo/Measure/TimeSeries.ts"
import * as LiveView from "../../Echo/Report/LiveView.ts"
import { PlainLines, ProgressLines } from "../../Echo/Report/PlainLines.ts"
import type { Run } from "../../Echo/Report/Runs.ts"
import type { Threshold, Verdict } from "../../Echo/Report/Threshold.ts"
import { type LoadPlan, onceOf } from "../../Echo/Scenario/LoadPlan.ts"
import * as Longest from "../../Echo/Scenario/Longest.ts"
import * as Output from "../Output.ts"
import { Signals } from "../Signals.ts"
import { UserError } from "../UserError.ts"
import type { EchoFleet } from "./Agents/EchoFleet.ts"
import type { EchoOptions } from "./EchoOptions.ts"
import * as EchoPlan from "./EchoPlan.ts"
import * as EchoWatch from "./EchoWatch.ts"
import * as EchoWorkers from "./EchoWorkers.ts"
import type { Sink } from "./Streams/Sink.ts"
import type { Ui } from "./Ui/Ui.ts"

/** A run that has ended, the condition of `--abort-on` that ended it, and why the `teardown` of its scenario failed. */
export interface EndedRun extends Run {
  readonly abortedFor: Verdict | undefined
  readonly teardownFailure: string | undefined
}

/** The delay with which plain lines count tenths of the clients. It is used for conversations without `--delay`. */
const TENTHS = 30

/** Shows a run until it is interrupted, and then its last state. */
type View = (run: LoadRun) => Effect.Effect<never, never, Output.Output>

const display = (text: string) => Effect.map(Output.Output, ({ notes }) => notes.unsafeWrite(text))

/** The lines of the original C10k demo, and one every ten seconds with rates, p99 and failures. `delay` is in seconds. */
const plain =
  (plan: LoadPlan, delay: number): View =>
  (run) => {
    const lines = new PlainLines(plan.clients, delay, plan.duration !== undefined)
    const progress = new ProgressLines()
    const show = Effect.suspend(() => Output.note(...lines.next(run.unsafeSnapshot()), ...progress.next(run)))
    return show.pipe(Effect.delay("50 millis"), Effect.forever, Effect.ensuring(show))
  }

/** Figures, a chart and failures, redrawn four times a second. */
const live =
  (plan: LoadPlan): View =>
  (run) => {
    const pauses = Longest.pauses(plan)
    const screen = new LiveView.Screen()
    let seconds: ReadonlyArray<Second> = []
    const show = Effect.gen(function* () {
      const { notes } = yield* Output.Output
      const size = { columns: notes.columns(), rows: notes.rows() }
      seconds = [...seconds, ...run.unsafeSeconds(seconds.at(-1)?.second ?? 0)].slice(-size.columns)
      const lines = LiveView.render(run.unsafeSnapshot(), seconds, size, pauses)
      notes.unsafeWrite(screen.draw(lines))
    })
    return show.pipe(
      Effect.delay("250 millis"),
      Effect.forever,
      Effect.ensuring(Effect.suspend(() => display(screen.erase())))
    )
  }

const viewOf = (options: EchoOptions, plan: LoadPlan, isLive: boolean): View => {
  if (options.quiet) return () => Effect.never
  if (isLive) return live(plan)
  return plain(plan, EchoPlan.isOriginal(options) ? EchoPlan.delayOf(options) / 1000 : TENTHS)
}

export const make = Effect.fn("EchoRunner.make")(function* (
  options: EchoOptions,
  abortOn: ReadonlyArray<Threshold>,
  streams: ReadonlyArray<Sink>,
  ui: Ui | undefined,
  fleet: EchoFleet | undefined
) {
  const { notes } = yield* Output.Output
  const isLive = notes.isRedrawable && !options.plain
  let current: { readonly plan: LoadPlan; readonly load: LoadRun } | undefined
  let isStopped = false
  const onStop = () => {
    isStopped = true
  }
  /** Ends the current run at once, and starts no further ones. */
  const abort = Effect.suspend(() => {
    onStop()
    return current?.load.abort ?? Effect.void
  })
  // The first Ctrl-C lets the conversations end. The second one, and SIGTERM, end them at once, with a report.
  yield* (yield* Signals).handle(2, (count, signal) => {
    // Who sends SIGTERM does not wait for conversations of minutes.
    if (count > 1 || signal === "SIGTERM") return abort
    onStop()
    // The live view shows it itself.
    if (!options.quiet && !isLive && current !== undefined) {
      const line = LiveView.stopping(current.load.unsafeSnapshot(), Longest.pauses(current.plan))
      notes.unsafeWrite(`no more connections are opened; ${line}\n`)
    }
    return current?.load.stop ?? Effect.void
  })
  const start = (plan: LoadPlan): Effect.Effect<LoadRun, PlanError | UserError, Dialer | Scope.Scope> => {
    if (fleet !== undefined) return fleet.run(plan)
    return options.processes === 1 ? LocalRun.make(plan) : EchoWorkers.make(plan, options.processes)
  }
  /** Runs the `setup` or `teardown` of a scenario. Fails if its conversation does. */
  const once = Effect.fn("EchoRunner.once")(function* (plan: LoadPlan, which: "setup" | "teardown") {
    const own = onceOf(plan, which)
    if (own === undefined) return {}
    let variables: Readonly<Record<string, string>> = {}
    const load = yield* LocalRun.make(own, undefined, (client) => {
      variables = client.values.variables
    })
    current = { plan: own, load }
    const { failures } = yield* load.report
    const [failure] = failures
    if (failure === undefined) return variables
    const detail = failure.examples[0]?.detail ?? failure.kind
    return yield* UserError.of(`${which} failed: ${failure.cause}: ${detail}`)
  }, Effect.scoped)
  const run = Effect.fn("EchoRunner.run")(function* (given: LoadPlan) {
    const plan = { ...given, shared: { ...given.shared, ...(yield* once(given, "setup")) } }
    const startedAt = new Date(yield* Clock.currentTimeMillis)
    const load = yield* start(plan)
    current = { plan, load }
    if (isStopped) yield* load.stop
    const showing = yield* Effect.forkScoped(viewOf(options, plan, isLive)(load))
    yield* ui?.show(plan, load, onStop) ?? Effect.void
    const watched = yield* EchoWatch.start(load, abortOn, streams)
    const report = yield* load.report
    yield* Fiber.interrupt(showing)
    const abortedFor = yield* watched(report)
    yield* fleet?.noteMovedClocks ?? Effect.void
    const endedAt = new Date(yield* Clock.currentTimeMillis)
    const ended = yield* Effect.either(once(plan, "teardown"))
    const teardownFailure = Either.isLeft(ended) ? ended.left.message : undefined
    return { report, abortedFor, teardownFailure, startedAt, endedAt } satisfies EndedRun
  }, Effect.scoped)
  return { run, unsafeIsStopped: () => isStopped, abort }
})

export type EchoRunner = Effect.Effect.Success<ReturnType<typeof make>>
