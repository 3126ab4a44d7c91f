import { quantiles } from "../Measure/Figures.ts"
import { Histogram } from "../Measure/Histogram.ts"
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

const counter = (name: string, help: string, value: number, labels: Sample["labels"] = {}): Sample => ({
  name: `${PREFIX}${name}_total`,
  help,
  labels,
  kind: "counter",
  value
})

const gauge = (name: string, help: string, value: number, labels: Sample["labels"] = {}): Sample => ({
  name: `${PREFIX}${name}`,
  help,
  labels,
  kind: "gauge",
  value
})

/** The quantiles of the last second; empty if no reply came in it. */
const roundTrips = (histogram: Histogram): ReadonlyArray<Sample> =>
  histogram.count === 0
    ? []
    : [...quantiles.map(([, q]) => [String(q), histogram.quantile(q)] as const), ["1", histogram.max] as const].map(
        ([quantile, ms]) => gauge("round_trip_seconds", "Round trips of the last second", ms / 1000, { quantile })
      )

/** The figures of an observation, for Prometheus, StatsD and OpenTelemetry. */
export const of = ({ report, seconds, snapshot }: Observation): ReadonlyArray<Sample> => {
  const last = seconds.at(-1)
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
    ...(last === undefined ? [] : roundTrips(Histogram.fromData(last.roundTrip))),
    ...(last === undefined
      ? []
      : [
          gauge(
            "loop_delay_seconds",
            "The longest delay of the tool's own event loop in the last second",
            last.loopDelay / 1000
          )
        ])
  ]
}
