import * as Count from "../../Text/Count.ts"
import { format as formatMillis } from "../../Text/Milliseconds.ts"
import * as Figures from "../Measure/Figures.ts"
import type { Histogram } from "../Measure/Histogram.ts"
import type { Report } from "../Measure/Report.ts"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import * as Ramp from "../Scenario/Ramp.ts"
import * as Secrets from "../Scenario/Secrets.ts"
import * as Stages from "../Scenario/Stages.ts"
import * as Bytes from "./Bytes.ts"
import * as Chart from "./Chart.ts"
import * as ChartCursor from "./ChartCursor.ts"
import * as Moment from "./Moment.ts"
import * as OverTime from "./OverTime.ts"
import type { FigureSpread } from "./Runs.ts"
import type { Search } from "./Search.ts"
import * as SearchHtml from "./SearchHtml.ts"
import { counts, warnings } from "./Summary.ts"
import { describe, show, type Verdict } from "./Threshold.ts"

const { AMBER, BLUE, GREEN, GREY, escapeHtml } = Chart

const style = `
:root { color-scheme: light dark; --ink: #1f2430; --quiet: #5b6472; --line: #d9dee7; --paper: #fff; --bad: #b91c1c; --good: #15803d }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --quiet: #a3adbd; --line: #39414f; --paper: #161a21; --bad: #f87171; --good: #4ade80 } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 900px; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem; margin: 0; overflow-wrap: anywhere } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem }
p { margin: .3rem 0; color: var(--quiet) } .bad { color: var(--bad) } .good { color: var(--good) }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.2rem, 1fr)); gap: 1px; margin: 1.5rem 0; border: 1px solid var(--line); border-radius: 8px; background: var(--paper); overflow: hidden }
.numbers div { padding: .6rem .8rem; box-shadow: 0 0 0 1px var(--line); color: var(--quiet); font-size: .87rem } .numbers b { display: block; color: var(--ink); font-size: 1.5rem; font-variant-numeric: tabular-nums } .numbers b.bad { color: var(--bad) }
table { border-collapse: collapse; width: 100% } th, td { text-align: right; padding: .3rem .5rem; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums }
th:first-child, td:first-child { text-align: left } th { color: var(--quiet); font-weight: 500 } tbody th { color: var(--ink); font-weight: 400 }
.wide { overflow-x: auto } .wide th, .wide td { white-space: nowrap } figure { margin: 1.5rem 0 } figcaption { display: flex; flex-wrap: wrap; gap: 0 1.5rem; justify-content: space-between }
.legend span { margin-left: 1rem; color: var(--quiet) }
svg { width: 100%; height: auto } .legend .swatch { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .35em } svg text { font-size: 12px; fill: var(--quiet) } .grid { stroke: var(--line) } .heat rect { fill: #2563eb } @media (prefers-color-scheme: dark) { .heat rect { fill: #93c5fd } }
code { overflow-wrap: anywhere } .facts td { text-align: left } pre { overflow-x: auto }
.bands rect { fill: var(--ink); fill-opacity: 0 } .bands rect.is-lit { fill-opacity: .12 } .heat rect.is-lit { stroke: var(--ink); stroke-width: 2 }
figcaption output { flex-basis: 100%; min-height: 1.5em; color: var(--quiet); font-size: .87rem; font-variant-numeric: tabular-nums }
figure:focus-visible { outline: 3px solid #2563eb; outline-offset: 4px }
@media (max-width: 600px) { body { margin: 1rem auto } figure { overflow-x: auto } figure > svg { width: 40rem; max-width: none } figcaption { position: sticky; left: 0 } .legend span { margin: 0 1rem 0 0 } }
@media print { body { max-width: none; margin: 0 } figure, tr { break-inside: avoid } figcaption output { display: none } .wide { overflow: visible } }
`

const integer = (n: number): string => Count.format(Math.round(n))

const number = (value: string, name: string, bad = false): string =>
  `<div><b${bad ? ' class="bad"' : ""}>${value}</b>${name}</div>`

const timesRow = ({ histogram, title }: Figures.ShownTime): string =>
  `<tr><th scope="row">${escapeHtml(title)}</th>${[...Figures.quantiles.map(([, q]) => histogram.quantile(q)), histogram.max].map((ms) => `<td>${formatMillis(ms)}</td>`).join("")}<td>${integer(histogram.count)}</td></tr>`

/** Positions on the percentile chart: each step to the right is ten times closer to 100 %. */
const spectrum = [0, 0.5, 0.9, 0.99, 0.999, 0.9999]
const nines = (q: number): number => Number(-Math.log10(1 - q).toFixed(6))

const spectrumOf = (histogram: Histogram, steps: ReadonlyArray<number>): ReadonlyArray<number | null> =>
  steps.map((x) => (histogram.count === 0 || 10 ** x > histogram.count * 10 ? null : histogram.quantile(1 - 10 ** -x)))

const percentiles = (report: Report): string => {
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
  return Chart.render({
    title: "Latency by percentile",
    format: formatMillis,
    x,
    ticks: labels.map(([place]) => place),
    formatX: (place) => labels.find(([at]) => at === place)?.[1] ?? "",
    series,
    logarithmic: true
  })
}

const failures = (report: Report): string =>
  report.failures.length === 0
    ? ""
    : `<section aria-labelledby="failures"><h2 id="failures">Failures</h2><table><thead><tr><th scope="col">cause</th><th scope="col">count</th></tr></thead><tbody>${report.failures
        .map(
          ({ cause, count, examples, kind }) =>
            `<tr><td><b>${escapeHtml(cause)}</b>: ${escapeHtml(kind)}${examples
              .map(
                ({ at, client, detail }) =>
                  `<br>client ${client} at ${formatMillis(at)}: <code>${escapeHtml(detail)}</code>`
              )
              .join("")}</td><td>${integer(count)}</td></tr>`
        )
        .join("")}</tbody></table></section>`

const repeated = (spreads: ReadonlyArray<FigureSpread>): string =>
  spreads.length === 0
    ? ""
    : `<section aria-labelledby="runs"><h2 id="runs">Run by run</h2><div class="wide" role="group" aria-labelledby="runs" tabindex="0"><table><thead><tr><td></td><th scope="col">median</th><th scope="col">least</th><th scope="col">most</th></tr></thead><tbody>${spreads
        .map(
          ({ max, median, min, name, unit }) =>
            `<tr><th scope="row">${name}</th>${[median, min, max].map((value) => `<td>${show(value, unit)}</td>`).join("")}</tr>`
        )
        .join("")}</tbody></table></div></section>`

/** A row of the facts about a run. */
const fact = (name: string, value: string): string => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`

/** What was run, where and when, so that somebody else can run it again. */
const facts = ({ command, conversation, endedAt, machine, startedAt, tool }: About): string =>
  `<section aria-labelledby="run"><h2 id="run">The run</h2><div class="wide" role="group" aria-labelledby="run" tabindex="0"><table class="facts"><tbody>${[
    fact("began", escapeHtml(startedAt.toISOString())),
    fact("ended", escapeHtml(endedAt.toISOString())),
    fact("command", `<code>${escapeHtml(command)}</code>`),
    fact("version", escapeHtml(`${tool.name} ${tool.version}`)),
    fact("machine", escapeHtml(`${machine.platform}, ${machine.processors} processors, Node ${machine.node}`))
  ].join(
    ""
  )}</tbody></table></div><details><summary>Conversation</summary><pre>${escapeHtml(conversation)}</pre></details></section>`

/** Facts about a run that are not in its report. */
export interface About {
  readonly tool: { readonly name: string; readonly version: string }
  readonly machine: { readonly node: string; readonly platform: string; readonly processors: number }
  /** The command line, with its secrets masked. */
  readonly command: string
  /** The scenario as YAML, with its secrets masked. */
  readonly conversation: string
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
<title>Load of ${escapeHtml(Secrets.urlsOf(plan).join(", "))}</title><style>${style}</style>
<body><main>
<h1>Load of ${escapeHtml(Secrets.urlsOf(plan).join(", "))}</h1>
<p>${escapeHtml(plan.scenario.name)} conversation, ${plan.levels === undefined ? `${integer(plan.clients)} clients connecting ${escapeHtml(Ramp.describe(plan.ramp))}` : `clients: ${escapeHtml(Stages.describeLevels(plan.levels))}`}${plan.rate === undefined ? "" : `, ${integer(plan.rate)} messages a second`}${plan.duration === undefined ? "" : `, for ${formatMillis(plan.duration)}`}</p>
${report.interrupted ? '<p class="bad">interrupted before its end</p>' : ""}
${warnings(report)
  .map((line) => `<p class="bad">${escapeHtml(line)}</p>`)
  .join("\n")}
<div class="numbers">${number(integer(report.peak), "connections at once")}${number(integer(report.completed), "conversations right")}${number(integer(report.failed), "failed", report.failed > 0)}${number(integer(report.received), "messages received")}${number(formatMillis(report.elapsed), "in all")}</div>
${Bytes.render(report)
  .map((line) => `<p>${escapeHtml(line)}</p>`)
  .join("\n")}
${verdicts.length === 0 ? "" : `<section aria-labelledby="thresholds"><h2 id="thresholds">Thresholds</h2>${verdicts.map((verdict) => `<p class="${verdict.passed ? "good" : "bad"}">${escapeHtml(describe(verdict))}</p>`).join("")}</section>`}
${search === undefined ? "" : SearchHtml.render(search)}
<section aria-labelledby="latency"><h2 id="latency">Latency</h2>
<div class="wide" role="group" aria-labelledby="latency" tabindex="0"><table><thead><tr><td></td>${Figures.quantiles.map(([name]) => `<th scope="col">${name}</th>`).join("")}<th scope="col">max</th><th scope="col">samples</th></tr></thead>
<tbody>${Figures.shownTimes(report).map(timesRow).join("")}</tbody></table></div>
${counts(report)
  .map((line) => `<p>${escapeHtml(line)}</p>`)
  .join("\n")}
${percentiles(report)}</section>
${failures(report)}
${repeated(spreads)}
<section aria-labelledby="time"><h2 id="time">Over time</h2>
${OverTime.render(report.seconds.map(Moment.of))}</section>
${about === undefined ? "" : facts(about)}
</main><script>${ChartCursor.script}</script></body>
</html>
`
