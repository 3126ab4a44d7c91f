import { type Metric, show } from "./Metric.ts"
import { paintsOf } from "./Palette.ts"
import type { CaseResult } from "./Result.ts"
import type { Summary } from "./Statistics.ts"
import { element, svg, text } from "./Svg.ts"

const PLOT = 500
const HEIGHT = 380
const LEFT = 60
/** The room for labels on the right: at least this much, and this much per character. */
const RIGHT = 200
const CHARACTER = 7
const TOP = 50
const BOTTOM = 48
const LABEL = 16

/** A step of 1, 2 or 5 times a power of ten that divides 0 to `largest` into at most `count` parts. */
export const niceStep = (largest: number, count: number): number => {
  const power = 10 ** Math.floor(Math.log10(largest / count))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => largest / step <= count) ?? 10 * power
}

/** Moves labels down so that none covers the one above. `ys` and the result are in the same order. */
export const spread = (ys: ReadonlyArray<number>, distance: number): ReadonlyArray<number> => {
  const placed = new Array<number>(ys.length)
  let last = Number.NEGATIVE_INFINITY
  for (const index of ys.map((_, index) => index).sort((a, b) => ys[a]! - ys[b]!)) {
    last = Math.max(ys[index]!, last + distance)
    placed[index] = last
  }
  return placed
}

interface Series {
  readonly name: string
  readonly title: string
  readonly points: ReadonlyArray<{ readonly x: number; readonly summary: Summary }>
}

const seriesOf = (cases: ReadonlyArray<CaseResult>, key: string): ReadonlyArray<Series> => {
  const all = cases.flatMap(({ contenders }) => contenders)
  const names = [...new Set(all.map(({ name }) => name))]
  return names
    .map((name) => ({
      name,
      title: all.find((one) => one.name === name)!.title,
      points: cases.flatMap(({ contenders, x }) => {
        const summary = contenders.find((one) => one.name === name)?.figures[key]
        return x === undefined || summary === undefined ? [] : [{ x, summary }]
      })
    }))
    .filter(({ points }) => points.length > 0)
}

/** Growth curves: one line per contender through its medians, with a whisker from minimum to maximum at each point. */
export const lineChart = (
  title: string,
  metric: Metric,
  cases: ReadonlyArray<CaseResult>,
  order: ReadonlyArray<string>
): string => {
  const series = seriesOf(cases, metric.key)
  const xs = cases.flatMap(({ x }) => (x === undefined ? [] : [x]))
  const largestX = Math.max(...xs)
  const largest = Math.max(...series.flatMap(({ points }) => points.map(({ summary }) => summary.max)))
  const step = niceStep(largest, 6)
  const top = Math.ceil(largest / step) * step
  const paints = paintsOf(
    series.map(({ name }) => name),
    order
  )
  const labelled = series.map(({ points, title: label }) => {
    const last = show(metric, points.at(-1)!.summary.median)
    return `${label.replaceAll("`", "")}, ${last}`
  })
  const right = Math.max(RIGHT, 34 + CHARACTER * Math.max(...labelled.map(({ length }) => length)))
  const width = LEFT + PLOT + right
  const px = (x: number) => LEFT + (x / largestX) * PLOT
  const py = (y: number) => HEIGHT - BOTTOM - (y / top) * (HEIGHT - TOP - BOTTOM)
  const content = [
    text(12, 24, "title", title),
    text(width - 12, 24, "end muted", `${metric.label}, ${metric.unit} (${metric.better} is better)`)
  ]
  for (let y = 0; y <= top + step / 2; y += step) {
    content.push(element("path", { d: `M${LEFT} ${py(y)}H${LEFT + PLOT}`, class: "grid" }))
    content.push(text(LEFT - 8, py(y) + 4, "end muted", String(Number(y.toPrecision(6)))))
  }
  for (const x of xs) content.push(text(px(x), HEIGHT - BOTTOM + 20, "middle muted", x.toLocaleString("en")))
  content.push(text(px(largestX / 2), HEIGHT - 8, "middle muted", "connections"))
  const ends = series.map(({ points }) => py(points.at(-1)!.summary.median))
  const labels = spread(ends, LABEL)
  series.forEach(({ name, points }, index) => {
    const paint = paints.get(name) ?? ""
    const path = points.map(({ summary, x }, i) => `${i === 0 ? "M" : "L"}${px(x)} ${py(summary.median)}`).join("")
    content.push(element("path", { d: path, class: `line ${paint}`, style: "fill:none" }))
    for (const { summary, x } of points) {
      content.push(element("path", { d: `M${px(x)} ${py(summary.min)}V${py(summary.max)}`, class: `whisker ${paint}` }))
      content.push(element("circle", { cx: px(x), cy: py(summary.median), r: 3, class: paint }))
    }
    const at = px(points.at(-1)!.x) + 10
    content.push(element("rect", { x: at, y: labels[index]! - 5, width: 10, height: 10, class: paint }))
    content.push(text(at + 16, labels[index]! + 4, "", labelled[index]!))
  })
  return svg(width, HEIGHT, `${title}: ${metric.label} by connections`, content)
}
