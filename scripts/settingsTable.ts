/** Writes the table of the settings of `serve` in docs/operations.md, from the options' declarations. Run `npm run settings` after a change. */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as Flag from "../src/Cli/Flag.ts"
import { options } from "../src/Cli/Serve/ServeOptions.ts"

export const file = fileURLToPath(new URL("../docs/operations.md", import.meta.url))

const START = "<!-- settings: made by `npm run settings` -->\n"
const END = "<!-- end of settings -->\n"

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;")

const isSwitch = ({ placeholder }: Flag.Flag<unknown>): boolean => placeholder === undefined

const row = (flag: Flag.Flag<unknown>): string => {
  // Defaults that are computed are part of the description.
  const [, description = "", computed] = /^(.*?)(?: \(default: (.*)\))?$/.exec(flag.description) ?? []
  const fallback = flag.fallback ?? computed ?? (isSwitch(flag) ? "off" : "none")
  const variable = flag.variable === undefined ? "none" : `\`${flag.variable}\``
  return `| \`${cell(Flag.termOf(flag))}\` | ${variable} | ${cell(fallback)} | ${cell(description)} |`
}

/** A heading and a table for each group, in the order of the help. */
export const content = (): string => {
  const flags: ReadonlyArray<Flag.Flag<unknown>> = Object.values(options)
  const groups = [...new Set(flags.map(({ group }) => group))]
  return groups
    .map((group) =>
      [
        `### ${group}`,
        "",
        "| option | variable | default | meaning |",
        "| --- | --- | ---: | --- |",
        ...flags.filter((flag) => flag.group === group).map(row),
        ""
      ].join("\n")
    )
    .join("\n")
}

/** The document with its tables in place of those that it has. */
export const update = (document: string): string => {
  const start = document.indexOf(START)
  const end = document.indexOf(END)
  if (start < 0 || end < start) throw new Error(`${file}: expected the lines ${START.trim()} and ${END.trim()}`)
  return `${document.slice(0, start + START.length)}\n${content()}\n${document.slice(end)}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, update(readFileSync(file, "utf8")))
