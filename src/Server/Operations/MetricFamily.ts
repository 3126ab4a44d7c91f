/**
 * The server's metrics, in Effect's registry. The registry belongs to the process, so the metrics of several servers in
 * one process are summed.
 *
 * In Prometheus's terms, a family is all metrics of one name, which differ in the value of a label.
 */
import * as Metric from "effect/Metric"
import type * as MetricLabel from "effect/MetricLabel"

export type Additive = Metric.Metric.Counter<number> | Metric.Metric.Gauge<number>

export const counter = (name: string, description: string): Metric.Metric.Counter<number> =>
  Metric.counter(`effect_c10k_${name}_total`, { description, incremental: true })

export const gauge = (name: string, description: string): Metric.Metric.Gauge<number> =>
  Metric.gauge(`effect_c10k_${name}`, { description })

/** Finds the metric for a value of `label`. Each is made once, which costs a hundred times as much as an update. */
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
