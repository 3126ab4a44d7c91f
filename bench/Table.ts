import { type Metric, show } from "./Metric.ts"
import { type CaseResult, type ContenderResult, ratio } from "./Result.ts"

/** The table of a case: a header, and one row of figures for each contender. */
export interface Table {
  readonly header: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
}

const figure = (one: CaseResult, reference: string, contender: ContenderResult, metric: Metric): string => {
  const summary = contender.figures[metric.key]
  if (!summary) return "–"
  const spread = summary.samples.length > 1 ? ` (${show(metric, summary.min)}–${show(metric, summary.max)})` : ""
  const against = ratio(one, reference, contender, metric.key)
  return show(metric, summary.median) + spread + (against === undefined ? "" : ` ${against.toFixed(2)}×`)
}

/** A table with medians, minimum and maximum, and the reference's median as a multiple of each contender's. */
export const table = (one: CaseResult, metrics: ReadonlyArray<Metric>, reference: string): Table => ({
  header: [one.title, ...metrics.map(({ label, unit }) => `${label}, ${unit}`)],
  rows: one.contenders.map((contender) =>
    contender.failure === undefined
      ? [contender.title, ...metrics.map((metric) => figure(one, reference, contender, metric))]
      : [contender.title, `failed: ${contender.failure}`]
  )
})

export const toText = ({ header, rows }: Table): string => {
  const lines = [header, ...rows]
  const widths = header.map((_, column) =>
    Math.max(...lines.filter((line) => line.length === header.length).map((line) => line[column]!.length))
  )
  return lines
    .map((line) => `  ${line.map((text, column) => text.padEnd(widths[column]! + 2)).join("")}`.trimEnd())
    .join("\n")
}

const escapePipe = (text: string) => text.replaceAll("|", "\\|")

export const toMarkdown = ({ header, rows }: Table): string => {
  const line = (cells: ReadonlyArray<string>) => `| ${cells.map(escapePipe).join(" | ")} |`
  const filled = rows.map((row) => [...row, ...header.slice(row.length).map(() => "")])
  return [
    line(header),
    `|${header.map((_, column) => (column === 0 ? "---" : "--:")).join("|")}|`,
    ...filled.map(line)
  ].join("\n")
}
