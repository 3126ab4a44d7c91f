import * as Count from "../../Text/Count.ts"
import { format as formatMillis } from "../../Text/Milliseconds.ts"
import type { FailureGroup } from "../Measure/Failure.ts"
import * as Figures from "../Measure/Figures.ts"
import { isOverloaded, type Report, toolBusy, toolCpu } from "../Measure/Report.ts"
import * as Bytes from "./Bytes.ts"
import type { FigureSpread } from "./Runs.ts"
import { show } from "./Threshold.ts"

const COLUMN = 9

const row = (name: string, cells: ReadonlyArray<string>): string =>
  `${name.padEnd(26)}${cells.map((cell) => cell.padStart(COLUMN)).join("")}`

const times = ({ histogram, title }: Figures.ShownTime): string =>
  row(title, [...Figures.quantiles.map(([, q]) => formatMillis(histogram.quantile(q))), formatMillis(histogram.max)])

/** If the tool's own timers are later than this many milliseconds (p99), the tool affects the figures. Fewer samples than the second number prove nothing. */
const SLOW_LOOP = 20
const FEW_SAMPLES = 50

/** Whether a client connected, so that there are figures besides the tool's own. */
const isMeasured = (report: Report): boolean => Figures.shownTimes(report).some(({ name }) => name !== "loop")

const table = (report: Report): ReadonlyArray<string> => [
  "",
  row("", [...Figures.quantiles.map(([name]) => name), "max"]),
  ...Figures.shownTimes(report).map(times)
]

/** Reasons not to trust the figures, or why there are none. */
export const warnings = (report: Report): ReadonlyArray<string> => {
  if (report.peak === 0 && report.notStarted > 0 && !report.interrupted)
    return ["no client got a connection, so the others were not started", ...report.lostProcesses]
  if (!isMeasured(report)) return report.lostProcesses
  const lines: Array<string> = []
  const delay = report.loopDelay.quantile(0.99)
  if (report.loopDelay.count > FEW_SAMPLES && delay > SLOW_LOOP) {
    lines.push(
      `the tool itself was slow: its event loop was ${formatMillis(delay)} late (p99). The server may be faster than these figures: use more --processes, fewer clients or a machine with less other load`
    )
  }
  if (report.planned !== undefined && report.paced < report.planned * 0.99) {
    const unsent = `${Count.format(report.planned - report.paced)} of ${Count.format(report.planned)} planned messages were not sent`
    lines.push(
      isOverloaded(report)
        ? `${unsent}: this tool was the limit, not the server. It was busy ${Math.round(toolBusy(report) * 100)} % of the time and used ${toolCpu(report).toFixed(2)} processors: use more --processes, a lower --rate or another machine`
        : `${unsent}, because their clients waited for replies or had failed`
    )
  }
  const unpaired = report.named.counts["unpaired"] ?? 0
  if (unpaired > 0) {
    lines.push(
      `${Count.format(unpaired)} replies are in no round trip, because several messages were without a reply when they came, and the scenario does not say which of them each one answers: give the send a name and its expect \`answers\`, or use \`replies\`, or \`answered: false\` for messages that get no reply`
    )
  }
  const uncompressed = Bytes.warning(report)
  if (uncompressed !== undefined) lines.push(uncompressed)
  for (const lost of report.lostProcesses) lines.push(lost)
  return lines
}

/** The counts that only some runs have, line by line. */
export const counts = (report: Report): ReadonlyArray<string> => {
  const { events, unanswered } = Figures.shownCounts(report)
  const list = (counted: ReadonlyArray<readonly [string, number]>, word: string) =>
    counted.map(([name, count]) => `${Count.format(count)}${word} ${name}`).join(", ")
  const steps = unanswered.length === 0 ? "" : `: ${list(unanswered, " of")}`
  return [
    ...(events.length === 0 ? [] : [list(events, "")]),
    ...(report.unanswered === 0 ? [] : [`${Count.format(report.unanswered)} messages got no reply${steps}`])
  ]
}

export const exampleOf = ({ at, client, detail }: FailureGroup["examples"][number]): string =>
  `client ${client} at ${formatMillis(at)}: ${detail}`

const failures = (report: Report): ReadonlyArray<string> =>
  report.failures.length === 0
    ? []
    : [
        "",
        "failures",
        ...report.failures.flatMap((group) => [
          `${Count.format(group.count).padStart(8)}  ${group.cause}: ${group.kind}`,
          ...group.examples.map((example) => `${" ".repeat(10)}${exampleOf(example)}`)
        ])
      ]

/** A summary of several runs of one plan, line by line. */
export const renderSpreads = (spreads: ReadonlyArray<FigureSpread>): ReadonlyArray<string> => [
  row("run by run", ["median", "least", "most"]),
  ...spreads.map(({ max, median, min, name, unit }) =>
    row(
      name,
      [median, min, max].map((value) => show(value, unit))
    )
  )
]

/** The summary of a report, line by line. */
export const render = (report: Report): ReadonlyArray<string> => [
  `${Count.format(report.completed)} of ${Count.format(report.started)} conversations right, ${Count.format(report.failed)} failed` +
    (report.cut === 0 ? "" : `, ${Count.format(report.cut)} cut short`) +
    (report.notStarted === 0 ? "" : `, ${Count.format(report.notStarted)} clients not started`),
  `${Count.format(report.peak)} connections at once; ${Count.format(report.sent)} messages sent, ${Count.format(report.received)} received in ${formatMillis(report.elapsed)}`,
  ...(isMeasured(report) ? Bytes.render(report) : []),
  ...failures(report),
  ...(isMeasured(report) ? table(report) : []),
  ...counts(report).flatMap((line) => ["", line]),
  ...warnings(report).flatMap((warning) => ["", `warning: ${warning}`])
]
