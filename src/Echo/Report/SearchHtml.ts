/** A search as a part of the report page, which only runs with `--find` have: the result, the curve, and a table of all trials. */

import * as Figures from "../Measure/Figures.ts"
import * as Chart from "./Chart.ts"
import * as Search from "./Search.ts"

const { escapeHtml } = Chart

/** One trial for each load. A load that broke at first and then held counts as held. */
const settled = ({ trials }: Search.Search): ReadonlyArray<Search.Trial> =>
  [...new Map(trials.map((trial) => [trial.load, trial])).values()].toSorted((a, b) => a.load - b.load)

const curves = (search: Search.Search, width: number): string => {
  const trials = settled(search)
  const values = (name: string) =>
    trials.map(({ run }) => {
      const value = Figures.find(run.report, name)?.value ?? Number.NaN
      return Number.isFinite(value) ? value : null
    })
  const axis = (title: string) => ({
    title: `${title} by ${search.of}`,
    x: trials.map((trial) => trial.load),
    formatX: (load: number) => Search.showLoad(search.of, load)
  })
  return [
    Chart.renderTimes(axis("Round trip"), values("rtt.p50"), values("rtt.p99"), values("rtt.max"), width),
    Chart.renderRates(axis("Messages per second"), values("sent.rate"), values("received.rate"), width)
  ].join("\n")
}

export const render = (search: Search.Search): string => {
  const { head, rows } = Search.tableOf(search)
  const body = rows.map(({ broke, cells }) => {
    const end = broke === undefined ? '<td class="good">sustained</td>' : `<td class="bad">${escapeHtml(broke)}</td>`
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}${end}</tr>`
  })
  return `<section aria-labelledby="search"><h2 id="search">Search</h2>
<p class="${search.sustained === undefined ? "bad" : "good"}">${escapeHtml(Search.describe(search))}</p>
${Chart.inTwoWidths((width) => curves(search, width))}
<div class="wide"><table><thead><tr>${[...head, "result"].map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("")}</tr></thead><tbody>${body.join("")}</tbody></table></div></section>`
}
