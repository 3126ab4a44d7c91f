import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as MetricLabel from "effect/MetricLabel"
import * as PrometheusText from "../../../src/Server/Operations/PrometheusText.ts"
import { parse } from "./Exposition.ts"

/** The text of the metrics whose names begin with `prefix`, because the registry has those of all tests. */
const textOf = (prefix: string): string =>
  PrometheusText.render(Metric.unsafeSnapshot().filter(({ metricKey }) => metricKey.name.startsWith(prefix)))

describe("PrometheusText", () => {
  it("a counter that only increases is a counter, with tags as labels, sorted by label", () => {
    const requests = Metric.counter("rising_total", { description: "Requests", incremental: true })
    requests.unsafeUpdate(2, [MetricLabel.make("method", "post"), MetricLabel.make("code", "200")])
    requests.unsafeUpdate(3, [MetricLabel.make("code", "400")])
    requests.unsafeUpdate(0.5, [MetricLabel.make("code", "400")])
    requests.unsafeUpdate(-1, [MetricLabel.make("code", "400")])
    assert.strictEqual(
      textOf("rising_"),
      `# HELP rising_total Requests
# TYPE rising_total counter
rising_total{code="400"} 3.5
rising_total{method="post",code="200"} 2
`
    )
  })

  it("a counter that may decrease is a gauge, and without a description has no help", () => {
    Metric.counter("falling").unsafeUpdate(-2, [])
    assert.strictEqual(textOf("falling"), "# TYPE falling gauge\nfalling -2\n")
  })

  it("PrometheusText gauges, of any number", () => {
    Metric.gauge("gauge_a").unsafeUpdate(-1.5e-7, [])
    Metric.gauge("gauge_b").unsafeUpdate(Infinity, [])
    Metric.gauge("gauge_c").unsafeUpdate(-Infinity, [])
    Metric.gauge("gauge_d").unsafeUpdate(Number.NaN, [])
    Metric.gauge("gauge_e", { bigint: true }).unsafeUpdate(2n ** 70n, [])
    assert.strictEqual(
      textOf("gauge_"),
      `# TYPE gauge_a gauge
gauge_a -1.5e-7
# TYPE gauge_b gauge
gauge_b +Inf
# TYPE gauge_c gauge
gauge_c -Inf
# TYPE gauge_d gauge
gauge_d NaN
# TYPE gauge_e gauge
gauge_e 1180591620717411303424
`
    )
  })

  it("a histogram has cumulative buckets, the last without a limit, a sum and a count", () => {
    const histogram = Metric.histogram("sizes_bytes", MetricBoundaries.fromIterable([0.5, 1, 10]), "Sizes")
    for (const size of [0.25, 0.5, 0.75, 7, 100]) histogram.unsafeUpdate(size, [MetricLabel.make("kind", "a")])
    assert.strictEqual(
      textOf("sizes_bytes"),
      `# HELP sizes_bytes Sizes
# TYPE sizes_bytes histogram
sizes_bytes_bucket{kind="a",le="0.5"} 2
sizes_bytes_bucket{kind="a",le="1"} 3
sizes_bytes_bucket{kind="a",le="10"} 4
sizes_bytes_bucket{kind="a",le="+Inf"} 5
sizes_bytes_sum{kind="a"} 108.5
sizes_bytes_count{kind="a"} 5
`
    )
  })

  it("a summary has quantiles, which are NaN without observations, a sum and a count", () => {
    const options = { maxAge: "1 hour", maxSize: 100, error: 0, quantiles: [0.5, 1] } as const
    const summary = Metric.summary({ ...options, name: "waits_seconds", description: "Waits" })
    for (const wait of [4, 1, 3, 2]) summary.unsafeUpdate(wait, [])
    Metric.summary({ ...options, name: "waits_idle" }).unsafeValue([])
    assert.strictEqual(
      textOf("waits_"),
      `# TYPE waits_idle summary
waits_idle{quantile="0.5"} NaN
waits_idle{quantile="1"} NaN
waits_idle_sum 0
waits_idle_count 0
# HELP waits_seconds Waits
# TYPE waits_seconds summary
waits_seconds{quantile="0.5"} 2
waits_seconds{quantile="1"} 4
waits_seconds_sum 10
waits_seconds_count 4
`
    )
  })

  it("a frequency is a counter for each word", () => {
    const frequency = Metric.frequency("outcomes_total", { description: "Outcomes", preregisteredWords: ["never"] })
    for (const word of ["won", "lost", "won"]) frequency.unsafeUpdate(word, [])
    assert.strictEqual(
      textOf("outcomes_total"),
      `# HELP outcomes_total Outcomes
# TYPE outcomes_total counter
outcomes_total{key="lost"} 1
outcomes_total{key="never"} 0
outcomes_total{key="won"} 2
`
    )
  })

  it("PrometheusText escapes characters that would break a line, and changes names that Prometheus does not allow", () => {
    const gauge = Metric.gauge("odd.näme-1", { description: 'one\ntwo \\ "three"' })
    gauge.unsafeUpdate(1, [MetricLabel.make("a:b.c", '"\n\\n'), MetricLabel.make("0", "é")])
    assert.strictEqual(
      textOf("odd"),
      `# HELP odd_n_me_1 one\\ntwo \\\\ "three"
# TYPE odd_n_me_1 gauge
odd_n_me_1{a_b_c="\\"\\n\\\\n",_0="é"} 1
`
    )
  })

  it("samples that Prometheus could not tell apart do not make the rest invalid", () => {
    const boundaries = MetricBoundaries.fromIterable([1])
    Metric.gauge("twice", { description: "first" }).unsafeUpdate(1, [])
    Metric.gauge("twice", { description: "second" }).unsafeUpdate(2, [])
    Metric.histogram("twice", boundaries).unsafeUpdate(3, [])
    Metric.histogram("twice_le", boundaries).unsafeUpdate(1, [MetricLabel.make("le", "mine")])
    Metric.gauge("twice_tag").unsafeUpdate(1, [MetricLabel.make("a", "general"), MetricLabel.make("a", "special")])
    const families = parse(textOf("twice"))
    assert.strictEqual(families.get("twice")?.samples.size, families.get("twice")?.type === "gauge" ? 1 : 4)
    assert.deepStrictEqual([...(families.get("twice_tag")?.samples.keys() ?? [])], ['twice_tag{a="special"}'])
    assert.strictEqual(families.get("twice_le")?.samples.get('twice_le_bucket{exported_le="mine",le="+Inf"}'), 1)
  })

  let run = 0
  it.prop(
    "PrometheusText with any names, descriptions and tags the text is valid, and has the values of the tags",
    [
      FastCheck.string({ unit: "binary" }),
      FastCheck.string({ unit: "binary" }),
      FastCheck.array(
        FastCheck.record({ key: FastCheck.string({ unit: "binary" }), value: FastCheck.string({ unit: "binary" }) }),
        {
          maxLength: 4
        }
      ),
      FastCheck.oneof(FastCheck.double(), FastCheck.integer())
    ],
    ([name, description, labels, value]) => {
      const prefix = `any_${run++}_`
      const tags = labels.map(({ key, value }) => MetricLabel.make(key, value))
      Metric.gauge(prefix + name, { description }).unsafeUpdate(value, tags)
      Metric.frequency(`${prefix}frequency${name}`, { description }).unsafeUpdate(name, tags)
      const [gauge, frequency] = [...parse(textOf(prefix)).values()].sort((a, b) => (a.type < b.type ? 1 : -1))
      assert.strictEqual(gauge?.help, description)
      assert.deepStrictEqual(
        [...gauge!.samples.values()].map((each) => each + 0),
        [value + 0]
      )
      assert.isTrue(frequency?.values.has(name))
      const last = labels.at(-1)
      if (last !== undefined) assert.isTrue(gauge?.values.has(last.value))
    }
  )
})
