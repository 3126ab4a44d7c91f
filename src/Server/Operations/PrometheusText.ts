/** Effect's metrics in Prometheus's text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ */
import * as MetricKeyType from "effect/MetricKeyType"
import type * as MetricLabel from "effect/MetricLabel"
import type * as MetricPair from "effect/MetricPair"
import * as MetricState from "effect/MetricState"
import * as Option from "effect/Option"

export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

type Pair = MetricPair.MetricPair.Untyped
type Type = "counter" | "gauge" | "histogram" | "summary"

/** One metric in Prometheus's terms. Its samples differ in the suffix of the name and in the value of a label. */
interface Series {
  readonly type: Type
  readonly label?: string
  readonly samples: ReadonlyArray<Sample>
}

type Sample = readonly [suffix: string, labelValue: string | undefined, value: number | bigint]

interface Family {
  readonly type: Type
  readonly help: Option.Option<string>
  /** The text of each series, by its labels. */
  readonly series: Map<string, string>
}

/**
 * Renders metrics as text. Characters that Prometheus does not allow in names and label names are replaced. Of metrics
 * that then differ only in description, type or boundaries, the first is written.
 */
export const render = (pairs: Iterable<Pair>): string => {
  const families = new Map<string, Family>()
  for (const pair of pairs) {
    const { description, name: given, tags } = pair.metricKey
    const name = nameOf(given)
    const series = seriesOf(pair)
    if (series === undefined) continue
    const family: Family = families.get(name) ?? { type: series.type, help: description, series: new Map() }
    families.set(name, family)
    const labels = labelsOf(tags, series.label)
    const key = braced(labels)
    if (family.type === series.type && !family.series.has(key)) family.series.set(key, linesOf(name, labels, series))
  }
  return byKey(families)
    .map(([name, { help, series, type }]) => {
      const about = Option.match(help, { onNone: () => "", onSome: (text) => `# HELP ${name} ${escaped(text)}\n` })
      const lines = byKey(series).map(([, text]) => text)
      return `${about}# TYPE ${name} ${type}\n${lines.join("")}`
    })
    .join("")
}

/** A counter that may decrease is a gauge for Prometheus, as it is for OpenTelemetry. */
const seriesOf = ({ metricKey: { keyType }, metricState: state }: Pair): Series | undefined => {
  if (MetricState.isCounterState(state)) {
    const isMonotonic = MetricKeyType.isCounterKey(keyType) && keyType.incremental
    return { type: isMonotonic ? "counter" : "gauge", samples: [["", undefined, state.count]] }
  }
  if (MetricState.isGaugeState(state)) return { type: "gauge", samples: [["", undefined, state.value]] }
  if (MetricState.isFrequencyState(state)) {
    const samples = byKey(state.occurrences).map(([word, count]) => ["", word, count] as const)
    return { type: "counter", label: "key", samples }
  }
  if (MetricState.isHistogramState(state)) {
    const finite = state.buckets.filter(([boundary]) => boundary !== Infinity)
    const buckets = finite.map(([boundary, count]) => ["_bucket", format(boundary), count] as const)
    return { type: "histogram", label: "le", samples: [...buckets, ["_bucket", "+Inf", state.count], ...totals(state)] }
  }
  if (MetricState.isSummaryState(state)) {
    // For a period without observations there are no quantiles; Prometheus writes them as NaN.
    const quantiles = state.quantiles.map(
      ([quantile, value]) => ["", format(quantile), Option.getOrElse(value, () => Number.NaN)] as const
    )
    return { type: "summary", label: "quantile", samples: [...quantiles, ...totals(state)] }
  }
  return undefined
}

const totals = ({ count, sum }: { readonly count: number; readonly sum: number }): ReadonlyArray<Sample> => [
  ["_sum", undefined, sum],
  ["_count", undefined, count]
]

const linesOf = (name: string, labels: ReadonlyMap<string, string>, { label, samples }: Series): string =>
  samples
    .map(([suffix, labelValue, value]) => {
      const all = label === undefined || labelValue === undefined ? labels : new Map([...labels, [label, labelValue]])
      return `${name}${suffix}${braced(all)} ${format(value)}\n`
    })
    .join("")

/** A tag must not have the name of the samples' own label. Of two tags with the same name, the later one counts. */
const labelsOf = (tags: ReadonlyArray<MetricLabel.MetricLabel>, own: string | undefined): ReadonlyMap<string, string> =>
  new Map(
    tags.map(({ key, value }) => {
      const name = nameOf(key).replaceAll(":", "_")
      return [name === own ? `exported_${name}` : name, value]
    })
  )

const nameOf = (name: string): string => name.replaceAll(/[^a-zA-Z0-9_:]/g, "_").replace(/^(?=\d|$)/, "_")

const braced = (labels: ReadonlyMap<string, string>): string => {
  const pairs = [...labels].map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`)
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`
}

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")

const format = (value: number | bigint): string =>
  value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : String(value)

/** Sorted, so that the same metrics always make the same text. */
const byKey = <A>(map: ReadonlyMap<string, A>): ReadonlyArray<[string, A]> =>
  [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
