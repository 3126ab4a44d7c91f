import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Comparison from "../../../src/Echo/Report/Comparison.ts"
import * as ComparisonText from "../../../src/Echo/Report/ComparisonText.ts"

const options = { tolerance: 0.05, all: false }

/** A file with one run for each entry of the columns. */
const file = (
  columns: Readonly<Record<string, ReadonlyArray<number>>>,
  changes: Partial<Comparison.Compared> = {}
): Comparison.Compared => ({
  format: 3,
  tool: { name: "echo", version: "1" },
  machine: { node: "v20", platform: "linux x64", processors: 2 },
  options: { clients: 5 },
  scenario: "chat",
  urls: ["ws://localhost/"],
  rate: null,
  durationMs: null,
  interrupted: false,
  runs: Array.from({ length: Object.values(columns)[0]!.length }, (_, run) => ({
    startedAt: "",
    endedAt: "",
    figures: Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[run]!]))
  })),
  ...changes
})

const judge = (name: string, before: ReadonlyArray<number>, after: ReadonlyArray<number>) => {
  const comparison = Comparison.make(file({ [name]: before }), file({ [name]: after }), options)
  return comparison.rows[0]?.judgement
}

const calm = [10, 10.1, 9.9, 10.2, 10]
const more = calm.map((value) => value * 1.2)

describe("Comparison", () => {
  it("Comparison judges a rise by more than the spread as worse, and a fall as better, if less is better", () => {
    assert.strictEqual(judge("rtt.p99", calm, more), "worse")
    assert.strictEqual(judge("rtt.p99", more, calm), "better")
    assert.strictEqual(judge("received.rate", calm, more), "better")
    assert.strictEqual(judge("received.rate", more, calm), "worse")
  })

  it("Comparison judges differences within the spread as the same, even if the medians differ much", () => {
    assert.strictEqual(judge("rtt.p99", [10, 30, 11, 14, 12], [20, 11, 29, 19, 13]), "same")
  })

  it("Comparison judges differences below the tolerance as the same, even if they are certain", () => {
    const little = calm.map((value) => value * 1.04)
    assert.strictEqual(judge("rtt.p99", [10, 10.01, 10.02, 10.03, 10.04], little), "same")
  })

  it("Comparison does not judge by too few runs, and says how to make more", () => {
    const comparison = Comparison.make(file({ "rtt.p99": [10] }), file({ "rtt.p99": [20] }), options)
    assert.strictEqual(comparison.rows[0]?.judgement, "unclear")
    assert.isFalse(Comparison.isWorse(comparison))
    const text = ComparisonText.text(comparison).join("\n")
    assert.match(text, /rtt\.p99 +10\.0 ms +20\.0 ms +\+100\.0 % +\?\n/)
    assert.include(text, "make each file with --repeat 5")
  })

  it("Comparison judges new failures as worse, even after one run", () => {
    assert.strictEqual(judge("failed", [0], [1]), "worse")
    assert.strictEqual(judge("failed", [0, 0, 2, 0, 1], [0, 0, 0, 0, 1]), "same")
  })

  it("Comparison judges no figure of the tool itself", () => {
    assert.strictEqual(judge("tool.cpu", calm, more), "changed")
  })

  it("Comparison reports other differences of the two runs", () => {
    const after = file({ "rtt.p99": calm }, { rate: 1000, options: { clients: 6 } })
    const { differences } = Comparison.make(file({ "rtt.p99": calm }), after, options)
    assert.deepStrictEqual(differences, ["rate: none, then 1000", "clients: 5, then 6"])
  })

  it("Comparison writes Markdown with a row for each figure", () => {
    const comparison = Comparison.make(
      file({ "rtt.p99": calm, failed: [0, 0, 0, 0, 0] }),
      file({ "rtt.p99": more, failed: [0, 0, 0, 0, 0] }),
      options
    )
    const lines = ComparisonText.markdown(comparison, ["a|b.json", "new.json"])
    assert.deepStrictEqual(lines, [
      "Worse: rtt.p99.",
      "",
      "| figure | a\\|b.json | new.json | change | | chance |",
      "| --- | ---: | ---: | ---: | --- | --- |",
      "| `rtt.p99` | 10.0 ms ± 1 % | 12.0 ms ± 1 % | **+20.0 %** | **worse** | p 0.008 |",
      "| `failed` | 0 | 0 |  | ~ |  |"
    ])
  })

  it("Comparison reads files of format 2, which older versions wrote", () => {
    const old = file({ "rtt.p99": calm }, { format: 2 })
    assert.deepStrictEqual(Comparison.parse(JSON.stringify(old)), Either.right(old))
  })

  it("Comparison refuses other files, and says what they are", () => {
    const refusal = (text: string) => Either.getOrThrow(Either.flip(Comparison.parse(text)))
    assert.include(refusal("second,open\n"), "this is not JSON")
    assert.include(refusal('{"format": 1}'), "this is format 1")
    assert.include(refusal('{"format": 2}'), "expected a file of `echo --json`")
    assert.include(refusal('{"format": 4}'), "expected a file of `echo --json` in format 2 or 3, but this is format 4")
    assert.include(refusal(JSON.stringify(file({ failed: [] }))), "this has no runs")
  })
})
