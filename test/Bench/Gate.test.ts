import { assert, describe, it } from "@effect/vitest"
import * as Gate from "../../bench/Gate.ts"
import type { Result } from "../../bench/Result.ts"
import { summarize } from "../../bench/Statistics.ts"

/** Every figure of the gate was 100, and is `now`. */
const result = (now: number): Result => ({
  date: "2020-01-02T03:04:05.000Z",
  command: "",
  commit: "abc",
  runs: 1,
  seconds: 60,
  reference: "after",
  machine: { processor: "p", cores: 2, memoryGiB: 4, system: "s", versions: {}, loadAverage: 0 },
  scenarios: Gate.scenarios.map(({ about, cases, metrics, name, title }) => ({
    name,
    title,
    about,
    metrics,
    cases: cases("full").flatMap((one) =>
      one.points.map((point) => ({
        ...point,
        contenders: [
          {
            name: "before",
            title: "before",
            figures: Object.fromEntries(metrics.map(({ key }) => [key, summarize([100])]))
          },
          {
            name: "after",
            title: "after",
            figures: Object.fromEntries(metrics.map(({ key }) => [key, summarize([now])]))
          }
        ]
      }))
    )
  }))
})

describe("the gate", () => {
  it("the gate looks at a handful of figures, each better when lower", () => {
    const metrics = Gate.scenarios.flatMap((scenario) => scenario.metrics)
    assert.isTrue(metrics.every(({ better }) => better === "lower"))
    assert.lengthOf(Gate.judge(result(100), "before", "after"), 8)
  })

  it("the gate allows a change of a tenth, and no more", () => {
    const met = (now: number) => Gate.judge(result(now), "before", "after").map(({ isMet }) => isMet)
    assert.notInclude(met(109), false)
    assert.notInclude(met(50), false)
    assert.notInclude(met(111), true)
  })
})
