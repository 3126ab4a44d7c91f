/**
 * The server's metrics, in Effect's registry. It belongs to the process: several servers in one process have their sums.
 *
 * A family is what Prometheus calls the metrics of one name that differ in the value of a label.
 */
import * as Metric from "effect/Metric"
import type * as MetricLabel from "effect/MetricLabel"

/** A number that can be added to. */
export type Additive = Metric.Metric.Counter<number> | Metric.Metric.Gauge<number>

export const counter = (name: string, description: string): Metric.Metric.Counter<number> =>
  Metric.counter(`effect_c10k_${name}_total`, { description, incremental: true })

export const gauge = (name: string, description: string): Metric.Metric.Gauge<number> =>
  Metric.gauge(`effect_c10k_${name}`, { description })

/** The metric of each value of `label`, made once: to make it costs a hundred times what an update does. */
export const family = <Type, In, Out>(metric: Metric.Metric<Type, In, Out>, label: string) => {
  const metrics = new Map<string | number, Metric.Metric<Type, In, Out>>()
  return (value: string | number): Metric.Metric<Type, In, Out> => {
    const known = metrics.get(value)
    if (known !== undefined) return known
    const made = Metric.tagged(metric, label, String(value))
    metrics.set(value, made)
    return made
  }
}

export const noTags: ReadonlyArray<MetricLabel.MetricLabel> = []

/** Adds to a metric, outside of Effect. */
export const add = (metric: Additive, by: number): void => metric.unsafeModify(by, noTags)
