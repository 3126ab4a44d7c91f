import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { barChart } from "../../bench/BarChart.ts"
import { lineChart, niceStep, spread } from "../../bench/LineChart.ts"
import { COLOURS, paintsOf } from "../../bench/Palette.ts"
import type { CaseResult } from "../../bench/Result.ts"
import { summarize } from "../../bench/Statistics.ts"
import { escapeXml } from "../../bench/Svg.ts"

const metric = { key: "cpu", label: "CPU", unit: "µs", better: "lower", digits: 2 } as const

const curve: ReadonlyArray<CaseResult> = [1000, 2000].map((x) => ({
  title: `${x}`,
  x,
  contenders: [
    { name: "own", title: "Own", figures: { cpu: summarize([1, 2, 3]) } },
    { name: "peer", title: "A <peer> & more", figures: { cpu: summarize([8, x / 100, 9]) } },
    { name: "broken", title: "Broken", figures: {}, failure: "it was wrong" }
  ]
}))

/** Names of the elements still open at the end; throws where an end tag does not match. */
const unclosed = (xml: string): ReadonlyArray<string> => {
  const open: Array<string> = []
  for (const [, end, name, , empty] of xml.matchAll(/<(\/?)(\w+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    if (end === "/") assert.strictEqual(open.pop(), name)
    else if (empty !== "/") open.push(name!)
  }
  return open
}

describe("charts", () => {
  for (const [name, chart] of [
    ["bars", barChart("A & B", metric, curve, ["own", "peer"])],
    ["lines", lineChart("A & B", metric, curve, ["own", "peer"])]
  ] as const) {
    it(`${name}: well-formed, all contenders that have figures, values as text`, () => {
      assert.deepStrictEqual(unclosed(chart), [])
      assert.notMatch(chart.replace(/<style>.*<\/style>/, ""), /NaN|undefined|Infinity|&(?!amp;|lt;|gt;|quot;)/)
      assert.include(chart, "A &lt;peer&gt; &amp; more")
      assert.include(chart, "2.00")
      assert.notInclude(chart, "Broken")
    })
  }

  it("charts give contenders of one drawing different colours, and the project its own", () => {
    const order = Array.from({ length: 3 * COLOURS }, (_, index) => `${index}`)
    const names = ["0", "8", "16", "3", "11", "19", "7", "15"]
    const paints = paintsOf(names, order)
    assert.lengthOf(new Set(paints.values()), COLOURS)
    assert.deepStrictEqual([paints.get("0"), paints.get("3")], ["c0", "c3"])
  })

  it("charts have room for a long name beside its line", () => {
    const title = "a way with a name that is longer than most of the others"
    const named = curve.map((one) => ({
      ...one,
      contenders: [{ name: "own", title, figures: { cpu: summarize([1]) } }]
    }))
    const chart = lineChart("Lines", metric, named, ["own"])
    const width = Number(/viewBox="0 0 ([\d.]+)/.exec(chart)?.[1])
    const x = Number(/<text x="([\d.]+)"[^>]*>a way/.exec(chart)?.[1])
    assert.isAtLeast(width - x, 7 * title.length)
  })

  it("charts draws a bar twice as long for twice the value", () => {
    const contenders = [10, 20].map((value, i) => ({
      name: `${i}`,
      title: `${i}`,
      figures: { cpu: summarize([value]) }
    }))
    const chart = barChart("Bars", metric, [{ title: "one", contenders }], ["0", "1"])
    const [first, second] = [...chart.matchAll(/<rect x="210" y="[\d.]+" width="([\d.]+)"/g)].map(([, width]) =>
      Number(width)
    )
    assert.strictEqual(second, 2 * first!)
  })

  it.prop(
    "axis steps are 1, 2 or 5 times a power of ten and few",
    [FastCheck.double({ min: 1e-3, max: 1e7, noNaN: true })],
    ([largest]) => {
      const step = niceStep(largest, 6)
      assert.isAtMost(largest / step, 6.000001)
      assert.isAtLeast(largest / step, 1)
      assert.match(step.toExponential(3), /^(1|2|5|10)\.000e/)
    }
  )

  it.prop(
    "labels keep their order and their distance",
    [FastCheck.array(FastCheck.integer({ min: 0, max: 400 }), { maxLength: 8 })],
    ([ys]) => {
      const placed = spread(ys, 16)
      const sorted = [...placed].sort((a, b) => a - b)
      for (let i = 1; i < sorted.length; i++) assert.isAtLeast(sorted[i]! - sorted[i - 1]!, 16)
      for (const [i, y] of placed.entries()) assert.isAtLeast(y, ys[i]!)
      for (const [i, y] of ys.entries())
        for (const [j, z] of ys.entries()) if (y < z) assert.isBelow(placed[i]!, placed[j]!)
    }
  )

  it.prop("escaped text has no markup", [FastCheck.string()], ([text]) => {
    assert.notMatch(escapeXml(text), /[<>"]|&(?!amp;|lt;|gt;|quot;)/)
  })
})
