import { quantiles } from "../Measure/Figures.ts"
import { Histogram, type HistogramData } from "../Measure/Histogram.ts"
import type { Observation } from "./Observer.ts"

/** A figure of a run at one time, as monitoring systems expect it: in seconds, with a name and labels. */
export interface Sample {
  readonly name: string
  readonly help: string
  readonly labels: Readonly<Record<string, string>>
  /** A counter only increases. */
  readonly kind: "counter" | "gauge"
  readonly value: number
}

const PREFIX = "effect_c10k_echo_"

const sampleOf =
  (kind: Sample["kind"], suffix = "") =>
  (name: string, help: string, value: number, labels: Sample["labels"] = {}): Sample => ({
    ...{ name: `${PREFIX}${name}${suffix}`, help, labels, kind, value }
  })

const counter = sampleOf("counter", "_total")
const gauge = sampleOf("gauge")

/** The quantiles of a time in the last second; empty without samples. */
const quantilesOf = (
  name: string,
  help: string,
  data: HistogramData,
  labels: Sample["labels"] = {}
): ReadonlyArray<Sample> => {
  const histogram = Histogram.fromData(data)
  if (histogram.count === 0) return []
  const all = [...quantiles.map(([, q]) => [String(q), histogram.quantile(q)] as const), ["1", histogram.max] as const]
  return all.map(([quantile, ms]) => gauge(name, help, ms / 1000, { ...labels, quantile }))
}

/** The figures of an observation, for Prometheus, StatsD and OpenTelemetry. */
export const of = ({ report, seconds, snapshot }: Observation): ReadonlyArray<Sample> => {
  const conversations = "Conversations, by how they ended"
  const clients = "Clients, by state"
  return [
    gauge("clients", clients, snapshot.waiting, { state: "waiting" }),
    gauge("clients", clients, snapshot.connecting, { state: "connecting" }),
    gauge("clients", clients, snapshot.open, { state: "open" }),
    counter("conversations", conversations, snapshot.completed, { end: "right" }),
    counter("conversations", conversations, snapshot.failed, { end: "failed" }),
    ...snapshot.failures.map(({ cause, count, kind }) =>
      counter("failures", "Failed conversations, by cause", count, { cause, kind })
    ),
    counter("messages_sent", "Messages sent", snapshot.sent),
    counter("messages_received", "Messages received", snapshot.received),
    counter("round_trips", "Round trips measured", report.roundTrip.count),
    ...Object.entries(report.named.times).map(([figure, { count }]) =>
      counter("figure_samples", "Samples of a time with a name of its own", count, { figure })
    ),
    ...Object.entries(report.named.counts).map(([figure, count]) =>
      counter("figure", "A count with a name of its own", count, { figure })
    ),
    ...seconds
      .slice(-1)
      .flatMap(({ loopDelay, roundTrip, times }) => [
        ...Object.entries(times).flatMap(([figure, data]) =>
          quantilesOf("figure_seconds", "A time with a name of its own, in the last second", data, { figure })
        ),
        ...quantilesOf("round_trip_seconds", "Round trips of the last second", roundTrip),
        gauge(
          "loop_delay_seconds",
          "The longest delay of the tool's own event loop in the last second",
          loopDelay / 1000
        )
      ])
  ]
}
