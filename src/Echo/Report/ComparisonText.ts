/** Formats a comparison as a table for the terminal or in Markdown for a pull request. */
import type { Spread } from "../Measure/Spread.ts"
import type { Comparison, Judgement, Row } from "./Comparison.ts"
import { show } from "./Threshold.ts"

const words: Readonly<Record<Judgement, string>> = {
  same: "~",
  better: "better",
  worse: "WORSE",
  changed: "changed",
  unclear: "?"
}

/** Half the distance between the lowest and the highest value, in percent of the median. */
const spreadOf = ({ max, median, min }: Spread): string =>
  median === 0 || max === min ? "" : `± ${Math.round(((max - min) / 2 / Math.abs(median)) * 100)} %`

const signed = (part: number): string => `${part < 0 ? "-" : "+"}${Math.abs(part * 100).toFixed(1)} %`

const changeOf = ({ after, before, change, judgement }: Row): string => {
  if (judgement === "same") return ""
  if (change === undefined) return before.median === after.median ? "" : "from 0"
  return signed(change)
}

const chanceOf = ({ judgement, probability }: Row): string =>
  probability === undefined || judgement === "same" ? "" : `p ${probability.toFixed(3)}`

const header = ["", "before", "", "after", "", "change", "", ""]

const cellsOf = (row: Row): ReadonlyArray<string> => [
  row.name,
  show(row.before.median, row.unit),
  spreadOf(row.before),
  show(row.after.median, row.unit),
  spreadOf(row.after),
  changeOf(row),
  words[row.judgement],
  chanceOf(row)
]

/** Notes that say how far the table can be trusted. */
const remarks = ({ differences, isJudged, rows, runs }: Comparison): ReadonlyArray<string> => [
  ...differences.map((difference) => `The two runs had different conditions: ${difference}.`),
  ...(isJudged
    ? []
    : [
        `${runs[0]} and ${runs[1]} runs are too few to distinguish a change from chance${rows.some(({ judgement }) => judgement === "unclear") ? " (?)" : ""}: make each file with --repeat 5.`
      ])
]

const verdict = ({ isJudged, rows }: Comparison): string => {
  const named = (judgement: Judgement) => rows.filter((row) => row.judgement === judgement).map(({ name }) => name)
  const [worse, better] = [named("worse"), named("better")]
  if (worse.length > 0) return `Worse: ${worse.join(", ")}.`
  if (better.length > 0) return `Nothing is worse. Better: ${better.join(", ")}.`
  return isJudged ? "No important difference." : "No figure is certainly worse."
}

export const text = (comparison: Comparison): ReadonlyArray<string> => {
  const table = [header, ...comparison.rows.map(cellsOf)]
  const widths = header.map((_, column) => Math.max(...table.map((cells) => cells[column]!.length)))
  const isText = (column: number) => column === 0 || column >= 6
  const lines = table.map((cells) =>
    cells
      .map((cell, column) => (isText(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd()
  )
  return [...lines, "", ...remarks(comparison), verdict(comparison)]
}

export const markdown = (
  comparison: Comparison,
  names: readonly [before: string, after: string]
): ReadonlyArray<string> => {
  const [before, after] = names.map((name) => name.replaceAll("|", "\\|"))
  const strong = (cell: string, { judgement }: Row) =>
    cell !== "" && (judgement === "worse" || judgement === "better") ? `**${cell}**` : cell
  const rows = comparison.rows.map((row) => {
    const [name, a, spreadA, b, spreadB, change = "", word = "", chance] = cellsOf(row)
    const cells = [
      `\`${name}\``,
      `${a} ${spreadA}`,
      `${b} ${spreadB}`,
      strong(change, row),
      strong(word.toLowerCase(), row),
      chance
    ]
    return `| ${cells.map((cell) => (cell ?? "").trim()).join(" | ")} |`
  })
  return [
    verdict(comparison),
    "",
    `| figure | ${before} | ${after} | change | | chance |`,
    "| --- | ---: | ---: | ---: | --- | --- |",
    ...rows,
    ...remarks(comparison).flatMap((remark) => ["", remark])
  ]
}
