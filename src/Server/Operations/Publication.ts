/**
 * A file of its own because its test drives it without a server.
 *
 * Adds plain numbers, which hot paths count, to metrics. Each time the difference from the last published value is
 * added, so a metric is the sum over all its publishers.
 */
import * as MetricKeyType from "effect/MetricKeyType"
import { type Additive, add } from "./MetricFamily.ts"

/** A metric, and this publisher's share of it now. */
export type Reading = readonly [metric: Additive, value: number]

export interface Publication {
  readonly unsafePublish: (readings: Iterable<Reading>) => void
  /** Subtracts this publisher's share from gauges. Counters keep it, since the events have happened. */
  readonly unsafeRetract: () => void
}

export const make = (): Publication => {
  const published = new Map<Additive, number>()
  return {
    unsafePublish: (readings) => {
      for (const [metric, value] of readings) {
        add(metric, value - (published.get(metric) ?? 0))
        published.set(metric, value)
      }
    },
    unsafeRetract: () => {
      for (const [metric, value] of published) if (MetricKeyType.isGaugeKey(metric.keyType)) add(metric, -value)
      published.clear()
    }
  }
}
