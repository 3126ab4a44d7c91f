/** The charts of a run over time, as HTML. The report page and the live page both use this module, so it has no Node dependencies. */
import * as Count from "../../Text/Count.ts"
import { format as formatMillis } from "../../Text/Milliseconds.ts"
import * as Chart from "./Chart.ts"
import * as HeatMap from "./HeatMap.ts"

const { AMBER, BLUE, GREEN, RED } = Chart

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

const integer = (n: number): string => Count.format(n, 0)

/** `width` is the width of each chart in pixels, for a page that does not scale it. */
export const render = (moments: ReadonlyArray<Moment>, width?: number): string => {
  const x = moments.map(({ second }) => second)
  const rates = (count: (row: Moment) => number) => moments.map((row, i) => count(row) / (row.second - (x[i - 1] ?? 0)))
  const common = { x, formatX: (second: number) => `${integer(second)} s` }
  const chart = (one: Chart.Chart) => Chart.render(one, width)
  return [
    chart({
      ...common,
      title: "Connections",
      format: integer,
      series: [
        { name: "open", colour: BLUE, values: moments.map((row) => row.open) },
        { name: "connecting", colour: AMBER, values: moments.map((row) => row.connecting) },
        { name: "failed, in all", colour: RED, values: moments.map((row) => row.failed) }
      ]
    }),
    chart({
      ...common,
      title: "Messages per second",
      format: integer,
      series: [
        { name: "sent", colour: AMBER, values: rates((row) => row.sent) },
        { name: "received", colour: BLUE, values: rates((row) => row.received) }
      ]
    }),
    chart({
      ...common,
      title: "Round trip",
      format: formatMillis,
      logarithmic: true,
      series: [
        { name: "p50", colour: GREEN, values: moments.map((row) => row.rttP50Ms) },
        { name: "p99", colour: AMBER, values: moments.map((row) => row.rttP99Ms) },
        { name: "max", colour: RED, values: moments.map((row) => row.rttMaxMs) }
      ]
    }),
    HeatMap.render("Round trips over time", moments, width)
  ].join("\n")
}
