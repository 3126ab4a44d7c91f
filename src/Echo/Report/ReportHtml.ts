import { format as formatMillis } from "../../Text/Milliseconds.ts"
import * as Figures from "../Measure/Figures.ts"
import type { Histogram } from "../Measure/Histogram.ts"
import type { Report } from "../Measure/Report.ts"
import { describe as describePlan, type LoadPlan } from "../Scenario/LoadPlan.ts"
import * as Secrets from "../Scenario/Secrets.ts"
import * as Bytes from "./Bytes.ts"
import * as Chart from "./Chart.ts"
import * as ChartCursor from "./ChartCursor.ts"
import * as Moment from "./Moment.ts"
import * as OverTime from "./OverTime.ts"
import type { Circumstances } from "./ReportJson.ts"
import type { FigureSpread } from "./Runs.ts"
import type { Search } from "./Search.ts"
import * as SearchHtml from "./SearchHtml.ts"
import { counts, warnings } from "./Summary.ts"
import { show, showValue, type Verdict } from "./Threshold.ts"

const { AMBER, BLUE, GREEN, GREY, escapeHtml } = Chart

const STYLE = `
:root { color-scheme: light dark; --ink: #1a2130; --quiet: #56607a; --line: #d5dbe5; --page: #f3f5f8; --paper: #fff; --raised: #e9edf3; --accent: #1f5fc4; --bad: #b91c1c; --good: #15803d; --warn: #8a4b00; --warn-paper: #fff1d6 }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e8edf5; --quiet: #9aa7bd; --line: #2a3344; --page: #0c0f15; --paper: #141923; --raised: #1f2634; --accent: #86b4ff; --bad: #f87171; --good: #4ade80; --warn: #ffcf85; --warn-paper: #3a2a0e } }
* { box-sizing: border-box } body { font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif; color: var(--ink); background: var(--page); margin: 0; font-variant-numeric: tabular-nums }
main { max-width: 64rem; margin: 0 auto; padding: 2rem 1rem; display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem }
header { display: grid; gap: .5rem } header .top { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem }
h1 { font-size: 1.55rem; line-height: 1.25; letter-spacing: -.015em; margin: 0; overflow-wrap: anywhere } h2 { font-size: 1.05rem; margin: 0 0 .6rem }
p { margin: .4rem 0; color: var(--quiet) } header p { margin: 0 } p::first-letter { text-transform: uppercase } .bad { color: var(--bad) } .good { color: var(--good) }
.chip { padding: .15em .8em; border-radius: 99px; font-weight: 600; background: color-mix(in srgb, currentColor 12%, var(--paper)); white-space: nowrap }
.note { padding: .6rem .9rem; border-radius: 8px; background: var(--warn-paper); color: var(--warn) }
section, .numbers { border: 1px solid var(--line); border-radius: 10px; background: var(--paper); box-shadow: 0 1px 2px rgb(20 30 50 / 8%), 0 6px 20px rgb(20 30 50 / 7%) } section { padding: 1.1rem 1.25rem }
.numbers { display: grid; grid-template-columns: repeat(6, 1fr); overflow: hidden }
@media (max-width: 60rem) { .numbers { grid-template-columns: repeat(3, 1fr) } }
@media (max-width: 30rem) { .numbers { grid-template-columns: repeat(2, 1fr) } }
.numbers div:last-child:nth-child(5) { grid-column: span 2 }
.numbers div { padding: .7rem; box-shadow: 0 0 0 .5px var(--line); color: var(--quiet); font-size: .85rem } .numbers b { display: block; color: var(--ink); font-size: 1.65rem; font-weight: 680; line-height: 1.25; letter-spacing: -.02em } .numbers b.bad { color: var(--bad) }
table { border-collapse: collapse; width: 100% } th, td { text-align: right; padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top } tbody tr:last-child > * { border-bottom: 0 }
:is(th, td):first-child { text-align: left; padding-left: 0 } :is(th, td):last-child { padding-right: 0 } th { color: var(--quiet); font-weight: 500 } tbody th { color: var(--ink); font-weight: 400 }
.wide { overflow-x: auto } .wide th, .wide td { white-space: nowrap } figure { margin: 1.25rem 0 0 } figcaption { display: flex; flex-wrap: wrap; gap: 0 1.5rem; justify-content: space-between }
.legend { display: flex; flex-wrap: wrap; gap: 0 1rem } .legend span { color: var(--quiet) } .legend .swatch { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .35em }
.slim { display: none } @media screen and (max-width: 600px) { .broad { display: none } .slim { display: block; max-width: 30rem } }
svg { width: 100%; height: auto; touch-action: pan-y pinch-zoom } svg text { font-size: 12px; fill: var(--quiet) } .grid { stroke: var(--line) } .heat rect { fill: var(--accent) }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace; font-size: .92em } code { overflow-wrap: anywhere } .option { white-space: nowrap } td code { color: var(--quiet) }
.facts td { text-align: left; white-space: normal; overflow-wrap: anywhere } .facts td code { color: inherit } summary { padding: .6rem 0 0; cursor: pointer; color: var(--quiet) } pre { margin: .5rem 0 0; padding: .75rem .9rem; border-radius: 8px; background: var(--page); overflow-x: auto }
.bands rect { fill: var(--ink); fill-opacity: 0 } .bands rect.is-lit { fill-opacity: .12 } .heat rect.is-lit { stroke: var(--ink); stroke-width: 2 }
figcaption output { flex-basis: 100%; min-height: 1.5em; color: var(--quiet); font-size: .87rem }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px }
@media (max-width: 600px) { main { padding: 1rem .75rem } section { padding: .9rem } .wide { font-size: .85rem } .wide :is(th, td) { padding-left: .3rem; padding-right: 0 } .wide :is(th, td):first-child { padding-left: 0 } .wide tbody th { white-space: normal } }
@media print { :root { --page: #fff; color-scheme: light } main { max-width: none; padding: 0 } section, .numbers { box-shadow: none } section { padding: .5rem 0; border-width: 1px 0 0; border-radius: 0 } figure, tr, .numbers { break-inside: avoid } figcaption output { display: none } .wide { overflow: visible } }
@media (forced-colors: active) { .chip, .note { border: 1px solid } }
`

const { formatInteger: integer } = Chart

const number = (value: string, name: string, bad = false): string =>
  `<div><b${bad ? ' class="bad"' : ""}>${value}</b>${name}</div>`

/** What the reader should know before the figures, as a sentence. The name of an option is not broken at its hyphens. */
const note = (text: string): string =>
  `<p class="note">${escapeHtml(`${text.charAt(0).toUpperCase()}${text.slice(1)}.`).replaceAll(/--[a-z][a-z-]*/g, '<code class="option">$&</code>')}</p>`

const outcome = (verdicts: ReadonlyArray<Verdict>): string => {
  if (verdicts.length === 0) return ""
  const failed = verdicts.filter(({ passed }) => !passed).length
  const of = `${verdicts.length} ${verdicts.length === 1 ? "threshold" : "thresholds"}`
  return `<span class="chip ${failed === 0 ? "good" : "bad"}">${failed === 0 ? `${of} passed` : `${failed} of ${of} failed`}</span>`
}

const section = (id: string, title: string, content: string): string =>
  `<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`

/** The head of a table. The first column may have no name. */
const columns = (...names: ReadonlyArray<string>): string =>
  `<thead><tr>${names.map((name) => (name === "" ? "<td></td>" : `<th scope="col">${name}</th>`)).join("")}</tr></thead>`

/** A row with its name and its cells, which are HTML. */
const row = (name: string, cells: ReadonlyArray<string>): string =>
  `<tr><th scope="row">${name}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`

const table = (head: string, rows: ReadonlyArray<string>, className = ""): string =>
  `<table${className}>${head}<tbody>${rows.join("")}</tbody></table>`

/** Content that may be wider than the page, in the section with this id. */
const wide = (id: string, content: string): string =>
  `<div class="wide" role="group" aria-labelledby="${id}" tabindex="0">${content}</div>`

const paragraphs = (lines: ReadonlyArray<string>): string =>
  lines.map((line) => `<p>${escapeHtml(line)}</p>`).join("\n")

const thresholds = (verdicts: ReadonlyArray<Verdict>): string => {
  const rows = verdicts.map((verdict) => {
    const { passed, threshold } = verdict
    const result = `<td class="${passed ? "good" : "bad"}">${passed ? "✓ passed" : "✗ failed"}</td>`
    return `<tr><th scope="row">${escapeHtml(threshold.text)}</th><td>${escapeHtml(showValue(verdict))}</td>${result}</tr>`
  })
  return rows.length === 0
    ? ""
    : section("thresholds", "Thresholds", table(columns("condition", "value", "result"), rows))
}

const timesRow = ({ histogram, title }: Figures.ShownTime): string => {
  const times = [...Figures.quantiles.map(([, q]) => histogram.quantile(q)), histogram.max]
  return row(escapeHtml(title), [...times.map(formatMillis), integer(histogram.count)])
}

/** Positions on the percentile chart: each step to the right is ten times closer to 100 %. */
const spectrum = [0, 0.5, 0.9, 0.99, 0.999, 0.9999]
const nines = (q: number): number => Number(-Math.log10(1 - q).toFixed(6))

const spectrumOf = (histogram: Histogram, steps: ReadonlyArray<number>): ReadonlyArray<number | null> =>
  steps.map((x) => (histogram.count === 0 || 10 ** x > histogram.count * 10 ? null : histogram.quantile(1 - 10 ** -x)))

const percentiles = (report: Report, width: number): string => {
  const x = Array.from({ length: 81 }, (_, i) => i / 20)
  const series = [
    {
      name: report.planned === undefined ? "round trip" : "round trip from the planned time",
      colour: BLUE,
      values: spectrumOf(report.roundTrip, x)
    },
    { name: "round trip uncorrected", colour: AMBER, values: spectrumOf(report.uncorrected, x) },
    { name: "connect", colour: GREEN, values: spectrumOf(report.connect, x) },
    { name: "handshake", colour: GREY, values: spectrumOf(report.handshake, x) }
  ].filter((line) => line.values.some((value) => value !== null))
  const labels = spectrum.map((q): readonly [number, string] => [nines(q), `${Number((q * 100).toFixed(2))} %`])
  const chart = {
    title: "Latency by percentile",
    format: formatMillis,
    x,
    ticks: labels.map(([place]) => place),
    formatX: (place: number) => labels.find(([at]) => at === place)?.[1] ?? "",
    series,
    logarithmic: true
  }
  return Chart.render(chart, width)
}

const failures = (report: Report): string => {
  const rows = report.failures.map(({ cause, count, examples, kind }) => {
    const lines = examples.map(
      ({ at, client, detail }) => `<br>client ${client} at ${formatMillis(at)}: <code>${escapeHtml(detail)}</code>`
    )
    return `<tr><td><b>${escapeHtml(cause)}</b>: ${escapeHtml(kind)}${lines.join("")}</td><td>${integer(count)}</td></tr>`
  })
  return rows.length === 0 ? "" : section("failures", "Failures", table(columns("cause", "count"), rows))
}

const repeated = (spreads: ReadonlyArray<FigureSpread>): string => {
  const rows = spreads.map(({ max, median, min, name, unit }) =>
    row(
      name,
      [median, min, max].map((value) => show(value, unit))
    )
  )
  return rows.length === 0
    ? ""
    : section("runs", "Run by run", wide("runs", table(columns("", "median", "least", "most"), rows)))
}

/** What was run, where and when, so that somebody else can run it again. */
const facts = ({ command, conversation, endedAt, machine, startedAt, tool }: About): string => {
  const rows = [
    row("began", [escapeHtml(startedAt.toISOString())]),
    row("ended", [escapeHtml(endedAt.toISOString())]),
    row("command", [`<code>${escapeHtml(command)}</code>`]),
    row("version", [escapeHtml(`${tool.name} ${tool.version}`)]),
    row("machine", [escapeHtml(`${machine.platform}, ${machine.processors} processors, Node ${machine.node}`)])
  ]
  const details = `<details><summary>Conversation</summary><pre>${escapeHtml(conversation)}</pre></details>`
  return section("run", "The run", wide("run", table("", rows, ' class="facts"')) + details)
}

/** Facts about a run that are not in its report. */
export interface About extends Pick<Circumstances, "tool" | "machine" | "command" | "conversation"> {
  readonly startedAt: Date
  readonly endedAt: Date
}

/** The `--html` file: one page that needs no network. `spreads` are those of several runs (`--repeat`). */
export const render = (
  plan: LoadPlan,
  report: Report,
  verdicts: ReadonlyArray<Verdict>,
  spreads: ReadonlyArray<FigureSpread> = [],
  search?: Search,
  about?: About
): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Load of ${escapeHtml(Secrets.urlsOf(plan).join(", "))}</title><style>${STYLE}</style>
<body><main>
<header><div class="top"><h1>Load of ${escapeHtml(Secrets.urlsOf(plan).join(", "))}</h1>${outcome(verdicts)}</div>
${paragraphs([describePlan(plan)])}
${[...(report.interrupted ? ["interrupted before its end"] : []), ...warnings(report)].map(note).join("\n")}</header>
<div class="numbers">${number(integer(report.peak), "connections at once")}${number(integer(report.completed), "conversations right")}${number(integer(report.failed), "failed", report.failed > 0)}${number(integer(report.received), "messages received")}${report.roundTrip.count === 0 ? "" : number(formatMillis(report.roundTrip.quantile(0.99)), "round trip p99")}${number(formatMillis(report.elapsed), "in all")}</div>
${thresholds(verdicts)}
${search === undefined ? "" : SearchHtml.render(search)}
<section aria-labelledby="latency"><h2 id="latency">Latency</h2>
${wide("latency", table(columns("", ...Figures.quantiles.map(([name]) => name), "max", "samples"), Figures.shownTimes(report).map(timesRow)))}
${paragraphs([...counts(report), ...Bytes.render(report)])}
${Chart.inTwoWidths((width) => percentiles(report, width))}</section>
${failures(report)}
${repeated(spreads)}
<section aria-labelledby="time"><h2 id="time">Over time</h2>
${Chart.inTwoWidths((width) => OverTime.render(report.seconds.map(Moment.of), width))}</section>
${about === undefined ? "" : facts(about)}
</main><script>${ChartCursor.script}</script></body>
</html>
`
