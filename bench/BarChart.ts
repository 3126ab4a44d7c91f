import { type Metric, show } from "./Metric.ts"
import { paintsOf } from "./Palette.ts"
import type { CaseResult, ContenderResult } from "./Result.ts"
import { element, svg, text } from "./Svg.ts"

const WIDTH = 760
const LEFT = 210
const RIGHT = 120
const BAR = 18
const GAP = 6
const TITLE = 34

/** Horizontal bars in one group per case. The length is the median, and the whisker goes from minimum to maximum. */
export const barChart = (
  title: string,
  metric: Metric,
  cases: ReadonlyArray<CaseResult>,
  order: ReadonlyArray<string>
): string => {
  const shown = (one: CaseResult) => one.contenders.filter(({ figures }) => figures[metric.key] !== undefined)
  const paints = paintsOf([...new Set(cases.flatMap(shown).map(({ name }) => name))], order)
  const content: Array<string> = []
  let y = 24
  content.push(text(12, y, "title", title))
  content.push(text(WIDTH - 12, y, "end muted", `${metric.label}, ${metric.unit} (${metric.better} is better)`))
  y += 14
  const bar = (contender: ContenderResult, scale: (value: number) => number) => {
    const { max, median, min } = contender.figures[metric.key]!
    const middle = y + BAR / 2
    const fill = paints.get(contender.name) ?? ""
    content.push(text(LEFT - 8, middle + 4, "end", contender.title))
    content.push(element("rect", { x: LEFT, y, width: Math.max(1, scale(median)), height: BAR, class: fill }))
    content.push(element("path", { d: `M${LEFT + scale(min)} ${middle}H${LEFT + scale(max)}`, class: "whisker axis" }))
    content.push(text(LEFT + scale(max) + 8, middle + 4, "muted", `${show(metric, median)} ${metric.unit}`))
    y += BAR + GAP
  }
  for (const one of cases) {
    const contenders = shown(one)
    const largest = Math.max(...contenders.map(({ figures }) => figures[metric.key]!.max))
    content.push(text(LEFT, y + 20, "", one.title))
    y += TITLE - GAP
    for (const contender of contenders) bar(contender, (value) => (value / largest) * (WIDTH - LEFT - RIGHT))
  }
  return svg(WIDTH, y + 12, `${title}: ${metric.label}`, content)
}
