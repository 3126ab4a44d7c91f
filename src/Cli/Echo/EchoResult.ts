/** The results of a run: the summary, the files and the exit status. */
import { availableParallelism } from "node:os"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Record from "effect/Record"
import * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"
import { stringify } from "yaml"
import * as Report from "../../Echo/Measure/Report.ts"
import * as ReportCsv from "../../Echo/Report/ReportCsv.ts"
import * as ReportHtml from "../../Echo/Report/ReportHtml.ts"
import * as ReportJson from "../../Echo/Report/ReportJson.ts"
import * as ReportJunit from "../../Echo/Report/ReportJunit.ts"
import * as Runs from "../../Echo/Report/Runs.ts"
import * as Search from "../../Echo/Report/Search.ts"
import * as Summary from "../../Echo/Report/Summary.ts"
import * as Threshold from "../../Echo/Report/Threshold.ts"
import { type LoadPlan, scenariosOf } from "../../Echo/Scenario/LoadPlan.ts"
import { Scenario } from "../../Echo/Scenario/Scenario.ts"
import * as Secrets from "../../Echo/Scenario/Secrets.ts"
import { about } from "../About.ts"
import { EndWith } from "../ExitStatus.ts"
import * as Output from "../Output.ts"
import * as OutputFiles from "../OutputFiles.ts"
import { Signals, statusOf } from "../Signals.ts"
import type { EchoFleet } from "./Agents/EchoFleet.ts"
import type { EchoOptions } from "./EchoOptions.ts"
import type { EndedRun } from "./EchoRunner.ts"
import * as Streams from "./Streams/Streams.ts"

const FAILED = 1
const THRESHOLD_FAILED = 99

const UNSENT =
  "more than 1 % of the planned messages were not sent, so the load was not the planned one. To allow that, name `unsent` in a --threshold"

/** The options for the JSON file, without those that were not given and have no default. */
const given = (options: EchoOptions): Readonly<Record<string, unknown>> =>
  Record.filterMap({ ...options }, (value) => (Option.isOption(value) ? value : Option.some<unknown>(value)))

const machine = () => ({
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  processors: availableParallelism()
})

/** The scenarios of a plan as YAML, without their secrets. */
const conversationOf = (plan: LoadPlan): string => {
  const written = scenariosOf(plan).map(({ scenario, weight }) => {
    const encoded = Either.getOrElse(Schema.encodeEither(Scenario)(scenario), () => ({ name: scenario.name }))
    return Secrets.maskScenario(plan.scenarios === undefined ? encoded : { weight, ...encoded })
  })
  return stringify(plan.scenarios === undefined ? written[0] : written)
}

const timeOf = (runs: Runs.Runs) => ({ startedAt: runs[0].startedAt, endedAt: (runs.at(-1) ?? runs[0]).endedAt })

/** Opens the output files until the scope closes. Call this before the run, so that errors come early. */
export const prepare = Effect.fn("EchoResult.prepare")(function* (
  options: EchoOptions,
  fleet: Pick<EchoFleet, "unsafeAgents"> | undefined
) {
  const places = Struct.pick(options, "json", "csv", "html", "junit")
  const files = yield* Effect.all(Record.map(places, (place, name) => OutputFiles.open(`--${name}`, place)))
  const streams = yield* Effect.forEach(options.streams, Streams.open)
  const takesStdout =
    Object.values(places).some(OutputFiles.isStandardOutput) ||
    options.streams.includes(`jsonl=${OutputFiles.STANDARD_OUTPUT}`)
  /** If a file goes to standard output, the summary goes to standard error. */
  const print = options.quiet ? () => Effect.void : takesStdout ? Output.note : Output.result

  const leave = Effect.fn("EchoResult.leave")(function* (
    plan: LoadPlan,
    runs: Runs.Runs,
    thresholds: ReadonlyArray<Threshold.Threshold>,
    search?: Search.Search
  ) {
    const report = Runs.whole(runs)
    const verdicts = thresholds.map((threshold) => Runs.judge(threshold, runs))
    const spreads = runs.length === 1 ? [] : Runs.spreads(runs)
    yield* print(...Summary.render(report))
    if (runs.length > 1) yield* print("", ...Summary.renderSpreads(spreads))
    if (verdicts.length > 0) yield* print("", ...verdicts.map(Threshold.describe))
    if (search !== undefined) yield* print("", ...Search.render(search))
    const redact = Secrets.redactor(plan)
    const circumstances = {
      tool: about,
      machine: machine(),
      agents: fleet?.unsafeAgents() ?? null,
      command: redact(`${about.name} ${Secrets.maskArguments(process.argv.slice(2))}`),
      conversation: redact(conversationOf(plan)),
      options: Secrets.maskOptions(given(options))
    }
    const write = OutputFiles.writeAll([
      [files.json, () => ReportJson.render(circumstances, plan, runs, verdicts, search)],
      [files.csv, () => ReportCsv.render(report)],
      [
        files.html,
        () => ReportHtml.render(plan, report, verdicts, spreads, search, { ...circumstances, ...timeOf(runs) })
      ],
      [files.junit, () => ReportJunit.render(plan, report, verdicts)]
    ])
    return { verdicts, report, write }
  })

  const finish = Effect.fn("EchoResult.finish")(function* (
    plan: LoadPlan,
    runs: Runs.Runs,
    thresholds: ReadonlyArray<Threshold.Threshold>,
    { abortedFor, teardownFailure }: Pick<EndedRun, "abortedFor" | "teardownFailure">
  ) {
    const { report, verdicts, write } = yield* leave(plan, runs, thresholds)
    if (abortedFor !== undefined) {
      const { threshold, value } = abortedFor
      yield* print("", `ended by --abort-on ${threshold.text} (${Threshold.show(value, threshold.unit)})`)
    }
    if (teardownFailure !== undefined) yield* Output.note(teardownFailure)
    yield* write
    const signal = (yield* Signals).unsafeFirst()
    if (abortedFor !== undefined) return yield* new EndWith({ status: THRESHOLD_FAILED })
    if (signal !== undefined) return yield* new EndWith({ status: statusOf[signal] })
    if (verdicts.some((verdict) => !verdict.passed)) return yield* new EndWith({ status: THRESHOLD_FAILED })
    const unsent = runs.some((run) => Search.isUnsent(run.report, thresholds))
    if (unsent) yield* Output.note(UNSENT)
    const isOverloaded = runs.some((run) => Report.isOverloaded(run.report))
    if (teardownFailure !== undefined || unsent || !Report.isRight(report) || isOverloaded)
      return yield* new EndWith({ status: FAILED })
  }, Effect.uninterruptible)

  /** The result of a search. The report describes the highest load that held. */
  const finishSearch = Effect.fn("EchoResult.finishSearch")(function* (
    plan: LoadPlan,
    search: Search.Search,
    thresholds: ReadonlyArray<Threshold.Threshold>,
    atLeast: number | undefined
  ) {
    const { load, run } = Search.best(search)
    const { write } = yield* leave(Search.withLoad(plan, search.of, load), [run], thresholds, search)
    const found = search.sustained ?? 0
    if (atLeast !== undefined && found < atLeast) {
      yield* print(`less than the required ${Search.showLoad(search.of, atLeast)} of --find`)
    }
    yield* write
    const signal = (yield* Signals).unsafeFirst()
    if (signal !== undefined) return yield* new EndWith({ status: statusOf[signal] })
    if (atLeast !== undefined && found >= atLeast) return
    if (search.endedFor !== undefined) return yield* new EndWith({ status: FAILED })
    if (atLeast !== undefined || found === 0) return yield* new EndWith({ status: THRESHOLD_FAILED })
  }, Effect.uninterruptible)
  return { streams, finish, finishSearch }
})
