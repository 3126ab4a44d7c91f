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

export class PublishedMetrics {
  readonly #published = new Map<Additive, number>()

  unsafePublish(readings: Iterable<Reading>): void {
    for (const [metric, value] of readings) {
      add(metric, value - (this.#published.get(metric) ?? 0))
      this.#published.set(metric, value)
    }
  }

  /** Subtracts this publisher's share from gauges. Counters keep it, since the events have happened. */
  unsafeRetract(): void {
    for (const [metric, value] of this.#published) if (MetricKeyType.isGaugeKey(metric.keyType)) add(metric, -value)
    this.#published.clear()
  }
}
