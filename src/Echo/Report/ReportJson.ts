import * as Schema from "effect/Schema"
import { Compression } from "../Measure/Compression.ts"
import { FailureGroup } from "../Measure/Failure.ts"
import * as Figures from "../Measure/Figures.ts"
import { Histogram, type HistogramData, HistogramRecord } from "../Measure/Histogram.ts"
import type { Report } from "../Measure/Report.ts"
import { Second } from "../Measure/TimeSeries.ts"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import * as Secrets from "../Scenario/Secrets.ts"
import * as Runs from "./Runs.ts"
import type { Search } from "./Search.ts"
import type { Verdict } from "./Threshold.ts"

/** The version of the file format. It increases when a member changes its meaning or is removed. */
export const FORMAT = 3

/** `NaN` is written as `null`, since JSON has no `NaN`. */
const Finite = Schema.NullOr(Schema.Number)

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

const FiguresByName = Schema.Record({ key: Schema.String, value: Finite })

/** One agent of the run, and its clock compared with the leader's. */
const AgentRecord = Schema.Struct({
  name: Schema.String,
  /** How far its clock was ahead of the leader's, and the possible error. */
  clockAheadMs: Schema.Number,
  clockUncertaintyMs: Schema.Number,
  /** By how much its clock was adjusted during the run; `null` if it was not. */
  clockMovedMs: Finite
})

/** One run. With `--repeat` a file has several. */
const RunRecord = Schema.Struct({
  startedAt: Schema.String,
  endedAt: Schema.String,
  figures: FiguresByName
})

/** The result of `--find`. Loads are numbers of clients or messages per second. */
const SearchRecord = Schema.Struct({
  of: Schema.Literal("clients", "rate"),
  /** The highest load at which every threshold passed. */
  sustained: Finite,
  broke: Finite,
  endedFor: Schema.NullOr(Schema.String),
  trials: Schema.Array(
    Schema.Struct({
      load: Schema.Number,
      passed: Schema.Boolean,
      /** Why the load was not sustained; `null` if it was. */
      why: Schema.NullOr(Schema.String),
      ...RunRecord.fields
    })
  )
})

/** The `--json` file. `docs/echo.md` describes its members. All times are in milliseconds, and their names end in `Ms`. */
export const ReportFile = Schema.Struct({
  format: Schema.Literal(FORMAT),
  tool: Schema.Struct({ name: Schema.String, version: Schema.String }),
  machine: Schema.Struct({ node: Schema.String, platform: Schema.String, processors: Schema.Number }),
  /** `null` without `--agents`. */
  agents: Schema.optionalWith(Schema.NullOr(Schema.Array(AgentRecord)), { default: () => null }),
  /** ISO 8601. */
  startedAt: Schema.String,
  endedAt: Schema.String,
  /** The command line and the scenario in YAML, with their secrets masked; empty in files of older versions. */
  command: Schema.optionalWith(Schema.String, { default: () => "" }),
  conversation: Schema.optionalWith(Schema.String, { default: () => "" }),
  /** The options of the command line, by name. */
  options: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
  scenario: Schema.String,
  urls: Schema.Array(Schema.String),
  rate: Finite,
  durationMs: Finite,
  seed: Schema.Number,
  interrupted: Schema.Boolean,
  lostProcesses: Schema.Array(Schema.String),
  notStarted: Schema.Number,
  /** The result of offering compression; `null` if it was not offered. */
  compression: Schema.optionalWith(Schema.NullOr(Compression), { default: () => null }),
  toolCpuMs: Schema.Number,
  toolMemoryBytes: Schema.Number,
  /** By the names that `--threshold` uses; `null` if nothing was measured. */
  figures: FiguresByName,
  thresholds: Schema.Array(Schema.Struct({ threshold: Schema.String, value: Finite, passed: Schema.Boolean })),
  failures: Schema.Array(FailureGroup),
  runs: Schema.Array(RunRecord),
  search: Schema.NullOr(SearchRecord),
  /** All samples of each measured time, by the prefix of its figures. */
  histograms: Schema.Record({ key: Schema.String, value: HistogramRecord }),
  /** One row per second: `Second` and the quantiles of its round trips. */
  seconds: Schema.Array(
    Schema.Struct({
      ...Second.fields,
      roundTrip: HistogramRecord,
      loopDelay: Schema.propertySignature(Schema.Number).pipe(Schema.fromKey("loopDelayMs")),
      times: Schema.Record({ key: Schema.String, value: HistogramRecord }),
      counts: Schema.Record({ key: Schema.String, value: Schema.Number }),
      rttP50Ms: Finite,
      rttP99Ms: Finite,
      rttMaxMs: Finite
    })
  )
})
export type ReportFile = typeof ReportFile.Type

/** Facts about the run that are not in the report itself. */
export type Circumstances = Pick<ReportFile, "tool" | "machine" | "agents" | "command" | "conversation" | "options">

/** The figures of a named time in a second, in milliseconds. */
export const timesOf = (data: HistogramData) => {
  const histogram = Histogram.fromData(data)
  const [p50Ms, p99Ms] = [histogram.quantile(0.5), histogram.quantile(0.99)]
  return { count: histogram.count, p50Ms, p99Ms, maxMs: histogram.max }
}

/** The quantiles of a second's round trips, in milliseconds; `null` if there were none. */
export const quantilesOf = ({ roundTrip }: Second) => {
  const { maxMs, p50Ms, p99Ms } = timesOf(roundTrip)
  return { rttP50Ms: finite(p50Ms), rttP99Ms: finite(p99Ms), rttMaxMs: finite(maxMs) }
}

export const figuresOf = (report: Report): ReportFile["figures"] =>
  Object.fromEntries([...Figures.of(report)].map(([name, { value }]) => [name, finite(value)]))

const recordOf = ({ endedAt, report, startedAt }: Runs.Run): typeof RunRecord.Type => ({
  startedAt: startedAt.toISOString(),
  endedAt: endedAt.toISOString(),
  figures: figuresOf(report)
})

const searchOf = ({ broke, endedFor, of, sustained, trials }: Search): typeof SearchRecord.Type => ({
  of,
  sustained: sustained ?? null,
  broke: broke ?? null,
  endedFor: endedFor ?? null,
  trials: trials.map(({ broke: why, load, run }) => ({
    load,
    passed: why === undefined,
    why: why ?? null,
    ...recordOf(run)
  }))
})

/** Writes each entry of the two outer levels on its own line, and deeper values on one line, because there are thousands of numbers. */
const pretty = (value: unknown, depth = 2, indent = "\n"): string => {
  if (depth === 0 || typeof value !== "object" || value === null) return JSON.stringify(value)
  const deeper = `${indent}  `
  const isList = Array.isArray(value)
  const entries = Object.entries(value).flatMap(([key, entry]) =>
    entry === undefined ? [] : [`${isList ? "" : `${JSON.stringify(key)}: `}${pretty(entry, depth - 1, deeper)}`]
  )
  const [open, close] = isList ? "[]" : "{}"
  return entries.length === 0 ? `${open}${close}` : `${open}${deeper}${entries.join(`,${deeper}`)}${indent}${close}`
}

export const render = (
  circumstances: Circumstances,
  plan: LoadPlan,
  runs: Runs.Runs,
  verdicts: ReadonlyArray<Verdict>,
  search?: Search
): string => {
  const report = Runs.whole(runs)
  const file: ReportFile = {
    format: FORMAT,
    ...circumstances,
    startedAt: runs[0].startedAt.toISOString(),
    endedAt: (runs.at(-1) ?? runs[0]).endedAt.toISOString(),
    scenario: plan.scenario.name,
    urls: Secrets.urlsOf(plan),
    rate: plan.rate ?? null,
    durationMs: plan.duration ?? null,
    seed: plan.seed,
    interrupted: report.interrupted,
    lostProcesses: report.lostProcesses,
    notStarted: report.notStarted,
    compression: report.compression ?? null,
    toolCpuMs: Math.round(report.cpu * 1000),
    toolMemoryBytes: report.memory,
    figures: figuresOf(report),
    thresholds: verdicts.map(({ passed, threshold: { text }, value }) => ({
      threshold: text,
      value: finite(value),
      passed
    })),
    failures: report.failures,
    runs: runs.map(recordOf),
    search: search === undefined ? null : searchOf(search),
    histograms: Object.fromEntries(Figures.times(report).map(([name, histogram]) => [name, histogram.toData()])),
    seconds: report.seconds.map((second) => ({ ...second, ...quantilesOf(second) }))
  }
  return `${pretty(Schema.encodeSync(ReportFile)(file))}\n`
}
