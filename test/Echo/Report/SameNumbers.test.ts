/** Every output of one run shows the same numbers. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as Figures from "../../../src/Echo/Measure/Figures.ts"
import { Histogram } from "../../../src/Echo/Measure/Histogram.ts"
import { Observer } from "../../../src/Echo/Report/Observer.ts"
import * as ReportCsv from "../../../src/Echo/Report/ReportCsv.ts"
import * as ReportHtml from "../../../src/Echo/Report/ReportHtml.ts"
import * as ReportJson from "../../../src/Echo/Report/ReportJson.ts"
import * as Samples from "../../../src/Echo/Report/Samples.ts"
import { StatsdLines } from "../../../src/Echo/Report/StatsdLines.ts"
import * as Summary from "../../../src/Echo/Report/Summary.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"
import * as Milliseconds from "../../../src/Text/Milliseconds.ts"
import * as MemoryDialer from "../Load/MemoryDialer.ts"
import { plan } from "../plan.ts"
import { VirtualClock } from "../VirtualClock.ts"

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

/** A run of a few seconds in simulated time, as the streams see it too. */
const run = Effect.gen(function* () {
  const clock = new VirtualClock()
  const load = plan(0, {
    scenario: Either.getOrThrow(ScenarioFile.parse("s.yaml", text)),
    ramp: { _tag: "Once" },
    clients: 3,
    duration: 3300
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
  const seen = yield* Effect.gen(function* () {
    const one = yield* LocalRun.make(load)
    const observer = new Observer(one)
    let last = observer.poll()
    const seconds = [...last.seconds]
    const poll = Effect.sync(() => {
      last = observer.poll()
      if (last.seconds.length === 0) return
      seconds.push(...last.seconds)
      packets.push(...statsd.packets(Samples.of(last)))
    })
    yield* poll.pipe(Effect.delay("250 millis"), Effect.forever, Effect.forkScoped)
    const report = yield* one.report
    yield* poll
    return { report, seconds, samples: Samples.of(last), rows: observer.rows }
  }).pipe(Effect.scoped, clock.run, Effect.provide(dialer))
  return { ...seen, load, packets }
})

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0)

const names = ["step.slow", "step.fast", "ping"]

describe("one run", () => {
  it.scopedLive("one run has the same numbers in every file, stream and page", () =>
    Effect.gen(function* () {
      const { load, packets, report, rows, samples, seconds } = yield* run
      const figures = Figures.of(report)
      const value = (name: string) => figures.get(name)?.value ?? Number.NaN
      assert.isAbove(value("step.slow.count"), 100)
      assert.strictEqual(value("step.slow.count"), value("step.fast.count"))
      assert.strictEqual(value("step.subscribe.unanswered"), value("failed"))
      const now = new Date(0)
      const circumstances = {
        tool: { name: "t", version: "0" },
        machine: { node: "v", platform: "p", processors: 1 },
        agents: null,
        command: "",
        conversation: "",
        options: {}
      }
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
      const [head = "", ...lines] = ReportCsv.render(report).trim().split("\n")
      const column = (name: string) => {
        const at = head.split(",").indexOf(name)
        assert.isAtLeast(at, 0, name)
        return lines.map((line) => Number(line.split(",")[at]))
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
      const counted = (name: string, tag = "") =>
        sum(
          statsd
            .flatMap((line) => new RegExp(`^effect_c10k_echo_${name}:(\\d+)\\|c${tag}$`).exec(line)?.[1] ?? [])
            .map(Number)
        )
      assert.strictEqual(counted("messages_sent_total"), value("sent"))
      assert.strictEqual(counted("figure_samples_total", "\\|#figure:step.slow"), value("step.slow.count"))
    })
  )
})
