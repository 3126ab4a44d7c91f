/** Every output of one run shows the same numbers. */
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Metric from "effect/Metric"
import * as Schema from "effect/Schema"
import { SampleMetrics } from "../../../src/Cli/Echo/Streams/SampleMetrics.ts"
import * as Streams from "../../../src/Cli/Echo/Streams/Streams.ts"
import { RunFeed } from "../../../src/Cli/Echo/Ui/RunFeed.ts"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as Figures from "../../../src/Echo/Measure/Figures.ts"
import { Histogram } from "../../../src/Echo/Measure/Histogram.ts"
import * as LiveView from "../../../src/Echo/Report/LiveView.ts"
import { type Observation, Observer } from "../../../src/Echo/Report/Observer.ts"
import type { Moment } from "../../../src/Echo/Report/OverTime.ts"
import { ProgressLines } from "../../../src/Echo/Report/PlainLines.ts"
import * as RemoteWrite from "../../../src/Echo/Report/RemoteWrite.ts"
import * as ReportCsv from "../../../src/Echo/Report/ReportCsv.ts"
import * as ReportHtml from "../../../src/Echo/Report/ReportHtml.ts"
import * as ReportJson from "../../../src/Echo/Report/ReportJson.ts"
import * as ReportJunit from "../../../src/Echo/Report/ReportJunit.ts"
import * as Samples from "../../../src/Echo/Report/Samples.ts"
import { StatsdLines } from "../../../src/Echo/Report/StatsdLines.ts"
import * as Summary from "../../../src/Echo/Report/Summary.ts"
import * as Threshold from "../../../src/Echo/Report/Threshold.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"
import type { LoadNews } from "../../../src/Protocol/LoadView.ts"
import * as PrometheusText from "../../../src/Server/Operations/PrometheusText.ts"
import * as Count from "../../../src/Text/Count.ts"
import * as Milliseconds from "../../../src/Text/Milliseconds.ts"
import { folder } from "../../Cli/Echo/command.ts"
import * as RemoteWriteReader from "../../Cli/Echo/Streams/RemoteWriteReader.ts"
import { silentOutput } from "../../Cli/silentOutput.ts"
import * as MemoryDialer from "../Load/MemoryDialer.ts"
import { circumstances, plan } from "../plan.ts"
import { VirtualClock } from "../VirtualClock.ts"
import * as WsServer from "../WsServer.ts"

const text = `
unmatched: ignore
steps:
  - {name: subscribe, send: {json: {method: lost}}}
  - repeat:
      steps:
        - {name: slow, send: {json: {method: slow}}}
        - {name: fast, send: {json: {method: fast}}}
        - {expect: {json: {result: slow}, answers: slow}}
        - {expect: {json: {result: fast}, answers: fast}}
        - {ping: true}
  - {switch: {answers: subscribe, timeout: 100ms, cases: [{expect: never, steps: [{wait: 1ms}]}]}}
`

const threshold = Either.getOrThrow(Threshold.parse("rtt.p99<1ms"))

const metricsText = Effect.map(Metric.snapshot, PrometheusText.render)

interface OtlpMetric {
  readonly name: string
  readonly sum?: { readonly dataPoints: ReadonlyArray<{ readonly asDouble: number; readonly attributes: unknown }> }
}

/** How far a counter of OpenTelemetry rose by these observations. */
const exported = Effect.fn(function* (observations: ReadonlyArray<Observation>) {
  const bodies: Array<string> = []
  const http = createServer((request, response) => {
    const parts: Array<Buffer> = []
    request.on("data", (part: Buffer) => parts.push(part))
    request.on("end", () => {
      bodies.push(Buffer.concat(parts).toString())
      response.end("{}")
    })
  })
  const { port } = yield* WsServer.listen(http)
  const before = yield* metricsText
  const open = Streams.open(`otlp=http://127.0.0.1:${port}/v1/metrics`)
  yield* Effect.scoped(
    Effect.flatMap(open, (sink) => Effect.forEach(observations, (observation) => sink.write(observation, 0)))
  )
  const metrics: ReadonlyArray<OtlpMetric> = JSON.parse(bodies.at(-1) ?? "").resourceMetrics[0].scopeMetrics[0].metrics
  return (name: string, figure?: string) => {
    const points = metrics.find((one) => one.name === `effect_c10k_echo_${name}`)?.sum?.dataPoints ?? []
    const point = points.find(
      ({ attributes }) => figure === undefined || JSON.stringify(attributes).includes(`"${figure}"`)
    )
    const series = figure === undefined ? name : `${name}{figure="${figure}"}`
    return (point?.asDouble ?? Number.NaN) - counted(before, `effect_c10k_echo_${series}`)
  }
})

/** A run of a few seconds in simulated time, as the streams see it too. */
const run = Effect.gen(function* () {
  const clock = new VirtualClock()
  const load = plan(0, {
    scenario: Either.getOrThrow(ScenarioFile.parse("s.yaml", text)),
    ramp: { _tag: "Once" },
    clients: 3,
    duration: 10_300
  })
  const dialer = MemoryDialer.layer((peer) => {
    let delay = 0
    peer.onMessage = (message) => {
      const { method } = JSON.parse(String(message)) as { readonly method: string }
      delay = (delay + 7) % 40
      const time = method === "slow" ? 50 + delay : 3
      if (method !== "lost") clock.after(time, () => peer.send(JSON.stringify({ result: method })))
    }
  })
  const statsd = new StatsdLines()
  const packets: Array<string> = []
  const metrics = new SampleMetrics()
  const before = yield* metricsText
  const requests: Array<Uint8Array> = []
  const file = join(yield* folder, "run.jsonl")
  const jsonl = yield* Streams.open(`jsonl=${file}`)
  const feed = new RunFeed([threshold], () => {})
  const news: Array<LoadNews<Moment>> = []
  feed.open({ send: (message) => void news.push(JSON.parse(String(message))) })
  const progress = new ProgressLines()
  const lines: Array<string> = []
  const polled: Array<Observation> = []
  const seen = yield* Effect.gen(function* () {
    const one = yield* LocalRun.make(load)
    const observer = new Observer(one)
    feed.begin(load, one)
    let last = observer.poll()
    const seconds = [...last.seconds]
    const poll = Effect.sync(() => {
      feed.poll()
      lines.push(...progress.next(one))
      last = observer.poll()
      if (last.seconds.length === 0) return
      seconds.push(...last.seconds)
      const samples = Samples.of(last)
      packets.push(...statsd.packets(samples))
      metrics.unsafePublish(samples)
      requests.push(RemoteWrite.encode(samples, {}, 0))
      polled.push(last)
    })
    yield* poll.pipe(Effect.delay("250 millis"), Effect.forever, Effect.forkScoped)
    const report = yield* one.report
    yield* poll
    feed.end()
    return { report, seconds, samples: Samples.of(last), rows: observer.rows, snapshot: last.snapshot }
  }).pipe(Effect.scoped, clock.run, Effect.provide(dialer))
  // The virtual time would not wait for a file.
  yield* Effect.forEach(polled, (observation) => jsonl.write(observation, 0))
  yield* jsonl.end?.(seen.report, 0) ?? Effect.void
  const streamed = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  const prometheus = { before, after: yield* metricsText }
  return { ...seen, load, packets, requests, streamed, prometheus, news, lines, otlp: yield* exported(polled) }
})

/** The value of a counter on a page for Prometheus. */
const counted = (page: string, series: string): number => {
  const line = page.split("\n").find((each) => each.startsWith(`${series} `))
  return line === undefined ? 0 : Number(line.slice(series.length + 1))
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0)

const names = ["step.slow", "step.fast", "ping"]

describe("one run", () => {
  it.scopedLive("one run has the same numbers in every file, stream and page", () =>
    Effect.gen(function* () {
      const {
        lines,
        load,
        news,
        otlp,
        packets,
        prometheus,
        report,
        requests,
        rows,
        samples,
        seconds,
        snapshot,
        streamed
      } = yield* run
      const figures = Figures.of(report)
      const value = (name: string) => figures.get(name)?.value ?? Number.NaN
      assert.isAbove(value("step.slow.count"), 100)
      assert.strictEqual(value("step.slow.count"), value("step.fast.count"))
      assert.strictEqual(value("step.subscribe.unanswered"), value("failed"))
      const now = new Date(0)
      const text = ReportJson.render(circumstances, load, [{ report, startedAt: now, endedAt: now }], [])
      const json = Schema.decodeSync(Schema.parseJson(ReportJson.ReportFile))(text)

      // The JSON file: every figure, and the sums of its seconds and histograms.
      for (const [name, figure] of figures) {
        assert.strictEqual(json.figures[name], Number.isFinite(figure.value) ? figure.value : null, name)
      }
      for (const all of [json.seconds, seconds, rows]) {
        assert.strictEqual(sum(all.map(({ sent }) => sent)), value("sent"))
        assert.strictEqual(sum(all.map(({ received }) => received)), value("received"))
        assert.strictEqual(all.at(-1)?.failed, value("failed"))
        assert.strictEqual(sum(all.map((row) => Histogram.fromData(row.roundTrip).count)), value("rtt.count"))
        for (const name of names) {
          const counted = all.map(({ times }) =>
            times[name] === undefined ? 0 : Histogram.fromData(times[name]).count
          )
          assert.strictEqual(sum(counted), value(`${name}.count`), name)
        }
        assert.strictEqual(
          sum(all.map(({ counts }) => counts["step.subscribe.unanswered"] ?? 0)),
          value("step.subscribe.unanswered")
        )
      }
      const written = JSON.parse(text)
      assert.strictEqual(written.histograms.rtt.maxMs, value("rtt.max"))
      assert.strictEqual(
        Math.max(...written.seconds.map((row: { rttMaxMs: number }) => row.rttMaxMs)),
        value("rtt.max")
      )
      assert.notMatch(text, /"(?:min|max|sum|loopDelay|rttP50|rttP99|rttMax|\w+Seconds)":/)

      // The CSV file.
      const [head = "", ...table] = ReportCsv.render(report).trim().split("\n")
      const column = (name: string) => {
        const at = head.split(",").indexOf(name)
        assert.isAtLeast(at, 0, name)
        return table.map((line) => Number(line.split(",")[at]))
      }
      assert.strictEqual(sum(column("sent")), value("sent"))
      assert.strictEqual(sum(column("received")), value("received"))
      for (const name of names) assert.strictEqual(sum(column(`${name}.count`)), value(`${name}.count`))
      assert.strictEqual(sum(column("step.subscribe.unanswered")), value("step.subscribe.unanswered"))

      // The summary and the page.
      const summary = Summary.render(report)
      const html = ReportHtml.render(load, report, [])
      for (const { histogram, name, title } of Figures.shownTimes(report)) {
        const cells = [...Figures.quantiles.map(([, q]) => histogram.quantile(q)), histogram.max].map(
          Milliseconds.format
        )
        const row = summary.find((line) => line.startsWith(title.padEnd(26)))
        assert.isDefined(row, title)
        assert.deepStrictEqual(row?.slice(26).trim().split(/ {2,}/), cells)
        assert.include(html, `<th scope="row">${title}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}`)
        if (name !== "loop") assert.include(html, `<td>${histogram.count}</td></tr>`)
      }
      assert.includeMembers(
        Figures.shownTimes(report).map(({ name }) => name),
        names
      )
      for (const line of Summary.counts(report)) {
        assert.include(summary, line)
        assert.include(html, line)
      }

      // The streams: the last sample of each counter, and the sum of StatsD's increases.
      const sample = (name: string, labels: Readonly<Record<string, string>> = {}) =>
        samples.find(
          (one) => one.name === `effect_c10k_echo_${name}` && JSON.stringify(one.labels) === JSON.stringify(labels)
        )?.value
      assert.strictEqual(sample("messages_sent_total"), value("sent"))
      assert.strictEqual(sample("messages_received_total"), value("received"))
      assert.strictEqual(sample("round_trips_total"), value("rtt.count"))
      assert.strictEqual(sample("conversations_total", { end: "failed" }), value("failed"))
      for (const figure of names) {
        assert.strictEqual(sample("figure_samples_total", { figure }), value(`${figure}.count`), figure)
      }
      const unanswered = "step.subscribe.unanswered"
      assert.strictEqual(sample("figure_total", { figure: unanswered }), value(unanswered))
      const statsd = packets.flatMap((packet) => packet.split("\n"))
      const increases = (name: string, tag = "") =>
        sum(
          statsd
            .flatMap((line) => new RegExp(`^effect_c10k_echo_${name}:(\\d+)\\|c${tag}$`).exec(line)?.[1] ?? [])
            .map(Number)
        )
      assert.strictEqual(increases("messages_sent_total"), value("sent"))
      assert.strictEqual(increases("figure_samples_total", "\\|#figure:step.slow"), value("step.slow.count"))
      const risen = (series: string) =>
        counted(prometheus.after, `effect_c10k_echo_${series}`) -
        counted(prometheus.before, `effect_c10k_echo_${series}`)
      assert.strictEqual(risen("messages_received_total"), value("received"))
      assert.strictEqual(risen('figure_samples_total{figure="step.fast"}'), value("step.fast.count"))
      assert.strictEqual(risen(`figure_total{figure="${unanswered}"}`), value(unanswered))
      const remote = RemoteWriteReader.linesOf(Buffer.from(requests.at(-1) ?? []))
      assert.include(remote, `__name__=effect_c10k_echo_messages_sent_total @0 ${value("sent")}`)
      assert.include(remote, `__name__=effect_c10k_echo_round_trips_total @0 ${value("rtt.count")}`)
      assert.include(remote, `__name__=effect_c10k_echo_figure_total figure=${unanswered} @0 ${value(unanswered)}`)

      assert.strictEqual(otlp("messages_sent_total"), value("sent"))
      assert.strictEqual(otlp("messages_received_total"), value("received"))
      assert.strictEqual(otlp("figure_samples_total", "step.slow"), value("step.slow.count"))
      assert.strictEqual(otlp("figure_total", unanswered), value(unanswered))

      // The lines of JSON.
      const rowsOf = streamed.filter(({ type }) => type === "second")
      assert.strictEqual(sum(rowsOf.map(({ sent }) => sent)), value("sent"))
      assert.strictEqual(sum(rowsOf.map(({ received }) => received)), value("received"))
      assert.strictEqual(Math.max(...rowsOf.map(({ rttMaxMs }) => rttMaxMs)), value("rtt.max"))
      for (const name of names) {
        assert.strictEqual(sum(rowsOf.map(({ times }) => times[name]?.count ?? 0)), value(`${name}.count`), name)
      }
      assert.deepStrictEqual(streamed.at(-1)?.figures, written.figures)

      // The page of a running test.
      const moments = news.flatMap((one) => (one.type === "moments" ? one.moments : []))
      assert.strictEqual(sum(moments.map(({ sent }) => sent)), value("sent"))
      assert.strictEqual(sum(moments.map(({ received }) => received)), value("received"))
      assert.strictEqual(sum(moments.flatMap(({ cells }) => cells.map(([, count]) => count))), value("rtt.count"))
      assert.strictEqual(Math.max(...moments.map(({ rttMaxMs }) => rttMaxMs ?? 0)), value("rtt.max"))
      const p99 = Milliseconds.format(value("rtt.p99"))
      assert.deepInclude(news.at(-1), {
        phase: "ended",
        completed: value("completed"),
        failed: value("failed"),
        sent: value("sent"),
        received: value("received"),
        thresholds: [{ text: threshold.text, value: p99, passed: false }]
      })

      // The live view, the lines of a run without a terminal, and the file for CI systems.
      const [, , clients = ""] = LiveView.render(snapshot, rows, { columns: 120, rows: 24 }, 0)
      assert.include(clients, `${value("completed")} done   ${value("failed")} failed`)
      const first = seconds.filter(({ second }) => second <= 10)
      const rate = (what: "sent" | "received") => Count.format(sum(first.map((row) => row[what])) / 10, 1)
      assert.strictEqual(lines.length, 1)
      assert.include(lines[0], `10 s: 3 connected, ${rate("sent")}/s sent, ${rate("received")}/s received, p99 `)
      const verdicts = [Threshold.judge(threshold, report)]
      const junit = ReportJunit.render(load, report, verdicts)
      assert.include(junit, `message="${value("failed")} failed, ${value("cut")} cut of ${value("started")}"`)
      assert.include(junit, `message="rtt.p99&lt;1ms is ${p99}"`)
      assert.include(ReportHtml.render(load, report, verdicts), p99)
    }).pipe(Effect.provide([NodeContext.layer, silentOutput]))
  )
})
