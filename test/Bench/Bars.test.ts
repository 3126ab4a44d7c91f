import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { judgedBars, verdict } from "../../bench/Bars.ts"
import { merge } from "../../bench/Benchmark.ts"
import type { Contender } from "../../bench/Contender.ts"
import { documents } from "../../bench/Document.ts"
import * as History from "../../bench/History.ts"
import type { Result, ScenarioResult } from "../../bench/Result.ts"
import { summarize } from "../../bench/Statistics.ts"
import { scenarios } from "../../bench/scenarios/all.ts"
import { about } from "../../src/Cli/About.ts"

const ours = [
  "effect-c10k",
  "messages",
  "receive",
  "forEach",
  "rpc-socket",
  "budget",
  "channels",
  "tls",
  "rooms-3"
].concat([1, 2, 3, 4].map((nodes) => `effect-c10k-${nodes}`))
const project: Contender = {
  name: "effect-c10k",
  title: "effect-c10k",
  slowness: 1,
  help: { command: "node", args: [], cwd: "." }
}

/** A result in which every contender has the figure 100 everywhere, and the project the given one. */
const result = (own: number): Result => ({
  date: "2020-01-02T03:04:05.000Z",
  command: "npm run bench --",
  commit: "abc",
  runs: 1,
  seconds: 60,
  reference: "effect-c10k",
  machine: { processor: "p", cores: 2, memoryGiB: 4, system: "s", versions: { Node: "20" }, loadAverage: 0 },
  scenarios: scenarios.map(({ about, also = [], cases, metrics, name, title, variants }): ScenarioResult => {
    const more = [...also, ...(variants?.(project) ?? [])]
    const contenders = ["effect-c10k", "uws", "ws", "python", ...more.map((contender) => contender.name)]
    const points = cases("full").flatMap((one) => one.points)
    const figures = (value: number) => Object.fromEntries(metrics.map(({ key }) => [key, summarize([value])]))
    return {
      name,
      title,
      about,
      metrics,
      cases: points.map((point) => ({
        ...point,
        contenders: contenders.map((name) => ({
          name,
          title: name,
          figures: figures(ours.includes(name) ? own : 100)
        }))
      }))
    }
  })
})

describe("bars", () => {
  it("bars name scenarios, cases and figures that exist", () => {
    assert.lengthOf(judgedBars(result(1)), 79)
  })

  it("bars hold only on their own side of the limit", () => {
    // Those against another of the project's own figures, which is the same here.
    const own = ["1,024 connections", "all read", "32 × 32 cells", "effect-c10k"]
    for (const { against, bar, isMet, what } of judgedBars(result(1))) {
      assert.strictEqual(isMet, !bar.startsWith("≥") || own.includes(against), what)
    }
    for (const { against, bar, isMet, what } of judgedBars(result(10000))) {
      assert.strictEqual(isMet, bar.startsWith("≥") || own.includes(against), what)
    }
    assert.include(judgedBars(result(1)).map(verdict), "0.01× ✓")
  })
})

describe("documents", () => {
  it("docs/benchmarks.md has no section that the benchmarks do not write", () => {
    const headings = (text: string) => text.split("\n").filter((line) => line.startsWith("## "))
    const [written] = documents(JSON.parse(readFileSync("docs/benchmarks/results.json", "utf8")))
    assert.deepStrictEqual(headings(readFileSync("docs/benchmarks.md", "utf8")), headings(written?.content ?? ""))
  })

  it("documents hold every scenario's text, chart and tables, and all figures", () => {
    const files = documents(result(1))
    const [document, json, ...charts] = files
    assert.strictEqual(document?.path, "benchmarks.md")
    for (const { about, name, title } of scenarios) {
      assert.include(document?.content, `## ${title}\n\n${about}\n\n![${title}](benchmarks/${name}.svg)\n\n| `)
    }
    assert.include(document?.content, "`npm run bench --` at commit abc, 2020-01-02, 1 run")
    assert.deepStrictEqual(JSON.parse(json!.content), JSON.parse(JSON.stringify(result(1))))
    assert.deepStrictEqual(
      charts.slice(scenarios.length).map(({ path }) => path),
      [`benchmarks/history/${about.version}.json`, "benchmarks/history.svg"]
    )
  })

  it("documents have the figures of earlier releases beside those of this one", () => {
    const before = { ...History.releaseOf(result(2)), version: "0.1.0", date: "2019-01-01" }
    const files = documents(result(1), [before])
    assert.match(files[0]?.content ?? "", /^\| figure of effect-c10k \| against \| 0\.1\.0 \(2019-01-01\) \| .* \|$/m)
    const chart = files.find(({ path }) => path.endsWith("history.svg"))?.content ?? ""
    for (const version of ["0.1.0", about.version]) assert.include(chart, `>${version}<`)
    const own = files.find(({ path }) => path.includes("history/"))?.content ?? ""
    assert.deepStrictEqual(JSON.parse(own), History.releaseOf(result(1)))
  })
})

describe("merge", () => {
  it("merge takes a scenario from the last result that has it", () => {
    const second = { ...result(2), scenarios: result(2).scenarios.filter(({ name }) => name === "echo") }
    const merged = merge([result(1), second])
    assert.deepStrictEqual(
      merged.scenarios.map(({ name }) => name),
      scenarios.map(({ name }) => name)
    )
    assert.deepStrictEqual(
      merged.scenarios.map(({ cases }) => cases[0]!.contenders[0]!.figures),
      scenarios.map(({ metrics, name }) =>
        Object.fromEntries(metrics.map(({ key }) => [key, summarize([name === "echo" ? 2 : 1])]))
      )
    )
    assert.strictEqual(merged.seconds, 120)
  })
})
