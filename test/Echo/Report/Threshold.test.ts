import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { Histogram } from "../../../src/Echo/Measure/Histogram.ts"
import { emptyReport } from "../../../src/Echo/Measure/Report.ts"
import * as Threshold from "../../../src/Echo/Report/Threshold.ts"

const roundTrip = new Histogram()
for (let ms = 1; ms <= 100; ms++) roundTrip.record(ms)
const report = {
  ...emptyReport,
  started: 200,
  failed: 1,
  completed: 199,
  sent: 600,
  elapsed: 2000,
  peak: 150,
  roundTrip
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
    ["connect.p99<1s", false]
  ]
  for (const [text, passed] of verdicts) {
    it(`${text} ${passed ? "passes" : "fails"}`, () => assert.strictEqual(judged(text).passed, passed))
  }

  it("shows what it found", () => {
    assert.strictEqual(Threshold.describe(judged("rtt.p50<20ms")), "failed  rtt.p50<20ms  (50.0 ms)")
    assert.include(Threshold.describe(judged("failed.share<1%")), "(0.50 %)")
    assert.include(Threshold.describe(judged("connect.p99<1s")), "nothing was measured")
  })

  const refusals: ReadonlyArray<readonly [string, string]> = [
    ["fast", "expected a figure"],
    ["rtt.p99=50ms", "expected a figure"],
    ["rtt.p98<50ms", "no figure is named rtt.p98: expected one of clients, peak"],
    ["rtt.p99<50", "a time, such as 50ms"],
    ["failed<1%", "a number"],
    ["failed.share<50ms", "a part of all"]
  ]
  for (const [text, words] of refusals) {
    it(`refuses ${text}`, () => assert.include(Either.getOrThrow(Either.flip(Threshold.parse(text))), words))
  }
})
