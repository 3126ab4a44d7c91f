/** `--find`: the highest load that held, and the figures of each load that was tried. */

import type * as Arr from "effect/Array"
import * as Count from "../../Text/Count.ts"
import * as Figures from "../Measure/Figures.ts"
import * as Report from "../Measure/Report.ts"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import type { Run } from "./Runs.ts"
import * as Threshold from "./Threshold.ts"

/** What is searched: the number of clients, or the messages per second. */
export type Of = "clients" | "rate"

export interface Trial {
  readonly load: number
  readonly run: Run
  readonly verdicts: ReadonlyArray<Threshold.Verdict>
  /** Why the load did not hold; `undefined` if it held. */
  readonly broke: string | undefined
}

export interface Search {
  readonly of: Of
  /** The trials, in the order in which they were made. */
  readonly trials: Arr.NonEmptyReadonlyArray<Trial>
  /** The highest load that held, and the lowest that did not. */
  readonly sustained: number | undefined
  readonly broke: number | undefined
  /** Why the search ended early: because of the tool, the machine or the user. */
  readonly endedFor: string | undefined
}

export const withLoad = (plan: LoadPlan, of: Of, load: number): LoadPlan =>
  of === "rate" ? { ...plan, rate: load } : { ...plan, clients: load }

/** The part of the planned messages that may stay unsent, because they were due at the very end. */
const UNSENT = 0.01

const names = (thresholds: ReadonlyArray<Threshold.Threshold>, word: RegExp): boolean =>
  thresholds.some(({ figure }) => word.test(figure))

/** Whether more planned messages were not sent than may be, unless a threshold says how many may. */
export const isUnsent = ({ paced, planned }: Report.Report, thresholds: ReadonlyArray<Threshold.Threshold>): boolean =>
  planned !== undefined && paced < planned * (1 - UNSENT) && !names(thresholds, /^(?:unsent|sent)/)

/**
 * Why a load did not hold; `undefined` if it held. All thresholds must pass. Unless a threshold allows it, no conversation may
 * fail, and all planned messages must be sent.
 */
const whyBroke = (report: Report.Report, verdicts: ReadonlyArray<Threshold.Verdict>): string | undefined => {
  const failed = verdicts.find(({ passed }) => !passed)
  if (failed !== undefined) {
    return `${failed.threshold.text} is ${Threshold.show(failed.value, failed.threshold.unit)}`
  }
  const thresholds = verdicts.map(({ threshold }) => threshold)
  if (report.lostProcesses.length > 0) return report.lostProcesses[0]
  if (report.failed > 0 && !names(thresholds, /^failed/)) {
    const [group] = report.failures
    return `${Count.format(report.failed)} failed${group === undefined ? "" : ` (${group.cause}: ${group.kind})`}`
  }
  const { paced, planned = 0 } = report
  return isUnsent(report, thresholds)
    ? `${Count.format(planned - paced)} of ${Count.format(planned)} messages were not sent`
    : undefined
}

export const judge = (load: number, run: Run, thresholds: ReadonlyArray<Threshold.Threshold>): Trial => {
  const verdicts = thresholds.map((threshold) => Threshold.judge(threshold, run.report))
  return { load, run, verdicts, broke: whyBroke(run.report, verdicts) }
}

/** The trial to report: the last one with the highest load that held or, if none held, with the lowest load. */
export const best = ({ sustained, trials }: Search): Trial => {
  const lowest = trials.reduce((a, b) => (b.load < a.load ? b : a))
  return trials.findLast(({ broke, load }) => broke === undefined && load === sustained) ?? lowest
}

export const showLoad = (of: Of, load: number): string => `${Count.format(load)}${of === "rate" ? "/s" : ""}`

const nameOf: Readonly<Record<Of, string>> = { clients: "number of clients", rate: "rate" }

export const describe = ({ broke, endedFor, of, sustained, trials }: Search): string => {
  const why = trials.find((trial) => trial.load === broke && trial.broke !== undefined)?.broke
  const above = broke === undefined ? "" : `${showLoad(of, broke)} did not: ${why}`
  const end = endedFor === undefined ? "" : `; the search ended there: ${endedFor}`
  if (sustained === undefined) return `no ${nameOf[of]} was sustained${above === "" ? "" : `; even ${above}`}${end}`
  return `the highest ${nameOf[of]} that was sustained: ${showLoad(of, sustained)}${above === "" ? "" : ` (${above})`}${end}`
}

const curve = ["rtt.p50", "rtt.p99", "received.rate"] as const

/** All trials, the lowest load first: the load, the figures of the thresholds and those of the curve, and why it did not hold. */
export const tableOf = ({ of, trials }: Search) => {
  const columns = [...new Set([...trials[0].verdicts.map(({ threshold }) => threshold.figure), ...curve])]
  const cellsOf = ({ report }: Run) =>
    columns.map((name) => {
      const figure = Figures.find(report, name)
      return figure === undefined ? "" : Threshold.show(figure.value, figure.unit)
    })
  const rows = trials
    .toSorted((a, b) => a.load - b.load)
    .map(({ broke, load, run }) => ({ cells: [showLoad(of, load), ...cellsOf(run)], broke }))
  return { head: [of, ...columns], rows }
}

const WIDTH = 14

/** The table, and the result. */
export const render = (search: Search): ReadonlyArray<string> => {
  const { head, rows } = tableOf(search)
  const line = (cells: ReadonlyArray<string>, last: string) =>
    `${cells.map((cell) => cell.padStart(WIDTH)).join("")}   ${last}`.trimEnd()
  return [line(head, ""), ...rows.map(({ broke, cells }) => line(cells, broke ?? "sustained")), "", describe(search)]
}

export const isOverloaded = (trial: Trial): boolean => Report.isOverloaded(trial.run.report)
