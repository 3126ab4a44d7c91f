/** The charts of a run over time, as HTML. The report page and the live page both use this module, so it has no Node dependencies. */
import * as Chart from "./Chart.ts"
import * as HeatMap from "./HeatMap.ts"

const { AMBER, BLUE, RED } = Chart

/** One second of a run. Times are in milliseconds, and `null` if no reply came. */
export interface Moment extends HeatMap.HeatSecond {
  readonly connecting: number
  readonly open: number
  readonly failed: number
  readonly sent: number
  readonly received: number
  readonly rttP50Ms: number | null
  readonly rttP99Ms: number | null
  readonly rttMaxMs: number | null
}

/** `width` is the width of each chart, in pixels of a page that does not scale it. */
export const render = (moments: ReadonlyArray<Moment>, width: number): string => {
  const x = moments.map(({ second }) => second)
  const valuesOf = <A>(value: (row: Moment) => A) => moments.map(value)
  const rates = (count: (row: Moment) => number) => moments.map((row, i) => count(row) / (row.second - (x[i - 1] ?? 0)))
  const axis = (title: string) => ({ title, x, formatX: (second: number) => `${Chart.formatInteger(second)} s` })
  const connections = [
    { name: "open", colour: BLUE, values: valuesOf((row) => row.open) },
    { name: "connecting", colour: AMBER, values: valuesOf((row) => row.connecting) }
  ]
  // On a scale of their own: a few failures would be a line at the bottom beside a thousand connections.
  const failures = [{ name: "failed conversations", colour: RED, values: valuesOf((row) => row.failed) }]
  return [
    Chart.render({ ...axis("Connections"), format: Chart.formatInteger, series: connections }, width),
    Chart.renderRates(
      axis("Messages per second"),
      rates((row) => row.sent),
      rates((row) => row.received),
      width
    ),
    Chart.renderTimes(
      axis("Round trip"),
      valuesOf((row) => row.rttP50Ms),
      valuesOf((row) => row.rttP99Ms),
      valuesOf((row) => row.rttMaxMs),
      width
    ),
    HeatMap.render("Round trips over time", moments, width),
    // The last one, because it comes with the first failure: the others stay where they are.
    moments.some(({ failed }) => failed > 0)
      ? Chart.render({ ...axis("Failures, in all"), format: Chart.formatInteger, series: failures }, width)
      : ""
  ].join("\n")
}
