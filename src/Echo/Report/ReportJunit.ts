/** The result of a run as a file of JUnit, which CI systems show as tests. */
import { format as formatMillis } from "../../Text/Milliseconds.ts"
import type { FailureGroup } from "../Measure/Failure.ts"
import * as Report from "../Measure/Report.ts"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import { escapeHtml } from "./Chart.ts"
import * as Threshold from "./Threshold.ts"

/** Escapes a text for XML, which can't contain most control characters at all. */
const escaped = (text: string): string => escapeHtml(text).replaceAll(/[^\t\n\u0020-\uD7FF\uE000-\uFFFD]/g, "\uFFFD")

interface Test {
  readonly name: string
  /** Why it failed. */
  readonly problem: string | undefined
  readonly detail?: string
}

const describe = ({ cause, count, examples, kind }: FailureGroup): string =>
  [
    `${count} ${cause}: ${kind}`,
    ...examples.map(({ at, client, detail }) => `  client ${client} at ${formatMillis(at)}: ${detail}`)
  ].join("\n")

const conversations = (report: Report.Report): Test => ({
  name: "every conversation is right",
  problem: Report.isRight(report) ? undefined : `${report.failed} failed, ${report.cut} cut of ${report.started}`,
  detail: report.failures.map(describe).join("\n")
})

const ofThreshold = ({ passed, threshold, value }: Threshold.Verdict): Test => ({
  name: threshold.text,
  problem: passed ? undefined : `${threshold.text} is ${Threshold.show(value, threshold.unit)}`
})

/** One test for the conversations, and one for each threshold. */
export const render = (
  { scenario }: Pick<LoadPlan, "scenario">,
  report: Report.Report,
  verdicts: ReadonlyArray<Threshold.Verdict>
): string => {
  const tests = [conversations(report), ...verdicts.map(ofThreshold)]
  const failed = tests.filter(({ problem }) => problem !== undefined).length
  const name = escaped(scenario.name)
  const time = (report.elapsed / 1000).toFixed(3)
  const lines = tests.map(({ detail = "", name: test, problem }) => {
    const head = `    <testcase classname="${name}" name="${escaped(test)}" time="${time}"`
    return problem === undefined
      ? `${head}/>`
      : `${head}>\n      <failure message="${escaped(problem)}">${escaped(detail)}</failure>\n    </testcase>`
  })
  const suite = `  <testsuite name="${name}" tests="${tests.length}" failures="${failed}" time="${time}">`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suite}\n${lines.join("\n")}\n  </testsuite>\n</testsuites>\n`
}
