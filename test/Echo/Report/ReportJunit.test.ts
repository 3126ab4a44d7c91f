import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { emptyReport } from "../../../src/Echo/Measure/Report.ts"
import * as ReportJunit from "../../../src/Echo/Report/ReportJunit.ts"
import * as Threshold from "../../../src/Echo/Report/Threshold.ts"
import { plan } from "../plan.ts"

describe("the JUnit file", () => {
  it("the JUnit file has a test for the conversations and one for each threshold, and escapes what a server said", () => {
    const report = {
      ...emptyReport,
      started: 2,
      completed: 1,
      failed: 1,
      failures: [
        {
          cause: "wrong reply" as const,
          kind: "at step 1",
          count: 1,
          examples: [{ client: 1, at: 5.123456, detail: 'expected "a", got "<b>&\u0001"' }]
        }
      ]
    }
    const verdicts = ["failed==0", "sent>=0"].map((text) =>
      Threshold.judge(Either.getOrThrow(Threshold.parse(text)), report)
    )
    const xml = ReportJunit.render(plan(0), report, verdicts)
    assert.include(xml, '<testsuite name="original" tests="3" failures="2"')
    assert.include(xml, 'name="failed==0" time="0.000">\n      <failure message="failed==0 is 1">')
    assert.include(xml, 'name="sent&gt;=0" time="0.000"/>')
    assert.include(xml, "client 1 at 5.12 ms: expected")
    assert.include(xml, "got &quot;&lt;b&gt;&amp;\uFFFD&quot;")
  })
})
