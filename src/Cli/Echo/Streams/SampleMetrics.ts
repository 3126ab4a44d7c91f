import * as Metric from "effect/Metric"
import type { Sample } from "../../../Echo/Report/Samples.ts"

/** Copies samples into Effect's metrics. The page for Prometheus and the OpenTelemetry exporter read them there. */
export class SampleMetrics {
  readonly #set = new Map<string, (value: number) => void>()

  unsafePublish(samples: ReadonlyArray<Sample>): void {
    for (const sample of samples) {
      const key = `${sample.name} ${JSON.stringify(sample.labels)}`
      const set = this.#set.get(key) ?? setter(sample)
      this.#set.set(key, set)
      set(sample.value)
    }
  }
}

const setter = ({ help, kind, labels, name }: Sample): ((value: number) => void) => {
  const tag = <Type, In, Out>(metric: Metric.Metric<Type, In, Out>): Metric.Metric<Type, In, Out> =>
    Object.entries(labels).reduce((tagged, [key, value]) => Metric.tagged(tagged, key, value), metric)
  if (kind === "gauge") {
    const metric = tag(Metric.gauge(name, { description: help }))
    return (value) => metric.unsafeUpdate(value, [])
  }
  const metric = tag(Metric.counter(name, { description: help, incremental: true }))
  let reported = 0
  return (value) => {
    // Another run counts from 0 again.
    metric.unsafeUpdate(value < reported ? value : value - reported, [])
    reported = value
  }
}
