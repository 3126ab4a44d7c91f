import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { Histogram } from "../../../src/Echo/Measure/Histogram.ts"
import { emptyReport } from "../../../src/Echo/Measure/Report.ts"
import * as Threshold from "../../../src/Echo/Report/Threshold.ts"
import * as Suggestion from "../../../src/Text/Suggestion.ts"

const roundTrip = new Histogram()
for (let ms = 1; ms <= 100; ms++) roundTrip.record(ms)
const single = (milliseconds: number): Histogram => {
  const histogram = new Histogram()
  histogram.record(milliseconds)
  return histogram
}
const report = {
  ...emptyReport,
  started: 200,
  failed: 1,
  completed: 199,
  sent: 600,
  elapsed: 4000,
  load: { time: 2000, sent: 600, received: 600, samples: {}, cpu: 1, busy: 1 },
  peak: 150,
  roundTrip,
  failures: [{ cause: "wrong reply" as const, kind: "at step 1", count: 1, examples: [] }],
  seconds: [1, 2, 3].map((second) => ({
    second,
    connecting: 0,
    open: 10 * second,
    completed: 10 * second,
    failed: second === 3 ? 5 : 0,
    sent: 100 * second,
    received: 0,
    roundTrip: single(second * 10).toData(),
    loopDelay: 0,
    times: {},
    counts: {}
  }))
}

const judged = (text: string) => Threshold.judge(Either.getOrThrow(Threshold.parse(text)), report)

describe("Threshold", () => {
  const verdicts: ReadonlyArray<readonly [string, boolean]> = [
    ["rtt.p50<51ms", true],
    ["rtt.p50 < 50ms", false],
    ["rtt.p99<=0.1s", true],
    ["rtt.max>=100ms", true],
    ["rtt.p99.9>99ms", true],
    ["failed==1", true],
    ["failed<1", false],
    ["failed.share<1%", true],
    ["failed.share<0.001", false],
    ["sent.rate>299/s", true],
    ["peak>=10000", false],
    ["connect.p99<1s", false],
    ["connect.p99!=1s", false],
    ["failed!=1", false],
    ["failed!=0", true],
    ["rtt.p99.5 in 99ms..101ms", true],
    ["rtt.p42 in 42ms..43ms", true],
    ["rtt.p42 in 43ms..44ms", false],
    ["rtt.rate==50", true],
    // 20 satisfied, 60 tolerated.
    ["rtt.apdex(20ms)==0.5", true],
    ["rtt.within(75ms) in 74.9%..75.1%", true],
    ["failed.wrong-reply==1", true],
    ["failed.timeout==0", true],
    ["rtt.p50[1s] in 29ms..31ms", true],
    ["rtt.max[60s]<=30.1ms", true],
    ["sent[2s]==500", true],
    ["sent.rate[2s]==250", true],
    ["failed.share[1s]>33%", true],
    ["failed[2s]<5", false]
  ]
  for (const [text, passed] of verdicts) {
    it(`${text} ${passed ? "passes" : "fails"}`, () => assert.strictEqual(judged(text).passed, passed))
  }

  it("Threshold shows what it found", () => {
    assert.strictEqual(Threshold.describe(judged("rtt.p50<20ms")), "failed  rtt.p50<20ms  (50.0 ms)")
    assert.include(Threshold.describe(judged("failed.share<1%")), "(0.50 %)")
    assert.include(Threshold.describe(judged("connect.p99<1s")), "nothing was measured")
  })

  const refusals: ReadonlyArray<readonly [string, string]> = [
    ["fast", "expected a figure"],
    ["rtt.p99=50ms", "expected a figure"],
    ["nothing<50ms", "no figure is named nothing: expected one of clients, peak"],
    ["rt.p99<50ms", "no figure is named rt.p99; did you mean rtt.p99?"],
    ["rtt.p100.5<50ms", "no figure is named rtt.p100.5"],
    ["rtt.apdex(0ms)<1", "no figure is named rtt.apdex(0ms)"],
    ["rtt.p50 in 5ms", "lower bound first"],
    ["rtt.p50 in 50ms..5ms", "lower bound first"],
    ["rtt.p50[soon]<1s", "[soon]: expected a time of at least 1s"],
    ["connect.p50[10s]<1s", "known for the whole run only"],
    ["rtt.p99<50", "a time, such as 50ms"],
    ["failed<1%", "a number"],
    ["failed.share<50ms", "a part, such as 1%"]
  ]
  for (const [text, words] of refusals) {
    it(`Threshold refuses ${text}`, () =>
      assert.include(Either.getOrThrow(Either.flip(Threshold.parse(text, Suggestion.nearest))), words))
  }
})
