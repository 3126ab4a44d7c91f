/** The figures of each release, as multiples of another's or of a value, because absolute figures differ from machine to machine. */
import * as fs from "node:fs"
import * as path from "node:path"
import * as Schema from "effect/Schema"
import { about } from "../src/Cli/About.ts"
import { barChart } from "./BarChart.ts"
import { judgedBars } from "./Bars.ts"
import type { Result } from "./Result.ts"
import { toMarkdown } from "./Table.ts"

const Release = Schema.Struct({
  version: Schema.String,
  date: Schema.String,
  commit: Schema.String,
  figures: Schema.Array(Schema.Struct({ what: Schema.String, against: Schema.String, ratio: Schema.Number }))
})

export interface Release extends Schema.Schema.Type<typeof Release> {}

const FOLDER = "benchmarks/history"

/** What a result says of the present version. */
export const releaseOf = (result: Result): Release => ({
  version: about.version,
  date: result.date.slice(0, 10),
  commit: result.commit,
  figures: judgedBars(result).map(({ against, ratio, what }) => ({
    what,
    against,
    ratio: Number(ratio.toPrecision(6))
  }))
})

/** The releases that the documents have, the oldest first. */
export const read = (docs: string): ReadonlyArray<Release> => {
  const folder = path.join(docs, FOLDER)
  const files = fs.existsSync(folder) ? fs.readdirSync(folder) : []
  return files
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .map((file) => Schema.decodeSync(Schema.parseJson(Release))(fs.readFileSync(path.join(folder, file), "utf8")))
}

const metric = { key: "ratio", label: "multiple", unit: "×", better: "lower", digits: 2 } as const

const chart = (releases: ReadonlyArray<Release>): string => {
  // Lower is better for these: the processor time and the memory of this project as a part of those of `ws`.
  const shown = new Set(
    releases.flatMap(({ figures }) =>
      figures.filter(({ against, what }) => /\bws\b/.test(against) && /CPU|memory/.test(what)).map(({ what }) => what)
    )
  )
  const cases = [...shown].map((what) => ({
    title: what,
    contenders: releases.flatMap(({ figures, version }) => {
      const ratio = figures.find((figure) => figure.what === what && /\bws\b/.test(figure.against))?.ratio
      if (ratio === undefined) return []
      const summary = { median: ratio, min: ratio, max: ratio, samples: [ratio] }
      return [{ name: version, title: version, figures: { ratio: summary } }]
    })
  }))
  return barChart(
    "Releases, beside ws",
    metric,
    cases,
    releases.map(({ version }) => version)
  )
}

/** The section of the document, the chart, and the file of the newest release. `earlier` are those before it. */
export const documents = (release: Release, earlier: ReadonlyArray<Release>) => {
  const releases = [...earlier.filter(({ version }) => version !== release.version), release]
  const rows = release.figures.map(({ against, what }) => [
    what,
    against,
    ...releases.map(({ figures }) => {
      const same = figures.find((figure) => figure.what === what && figure.against === against)
      return same === undefined ? "" : `${same.ratio.toFixed(2)}×`
    })
  ])
  const header = ["figure of effect-c10k", "against", ...releases.map(({ date, version }) => `${version} (${date})`)]
  const section = [
    "## Releases",
    "Each release as a multiple of the figure in the second column, as the bars above. A release adds its file in `docs/benchmarks/history/`.",
    "![Releases](benchmarks/history.svg)",
    toMarkdown({ header, rows })
  ].join("\n\n")
  return {
    section,
    files: [
      { path: `${FOLDER}/${release.version}.json`, content: `${JSON.stringify(release, null, 1)}\n` },
      { path: "benchmarks/history.svg", content: chart(releases) }
    ]
  }
}
