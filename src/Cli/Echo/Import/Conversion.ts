/** The result of converting a script of another tool: a scenario, options for the command line, and notes. */
import * as Either from "effect/Either"
import { stringify } from "yaml"
import type { Scenario } from "../../../Echo/Scenario/Scenario.ts"
import * as ScenarioFile from "../../../Echo/Scenario/ScenarioFile.ts"
import type { Mistake } from "../../../Echo/Scenario/YamlText.ts"

/** A scenario as it is written in a file. */
export type ScenarioText = typeof Scenario.Encoded

/** Collects the notes and refusals of a conversion. */
export class Findings {
  readonly #refusals: Array<Mistake> = []
  readonly #notes: Array<Mistake> = []

  /** A part has no counterpart here. There will be no scenario. */
  refuse(line: number, message: string): undefined {
    this.#refusals.push({ line, message })
  }

  /** A part is left out or differs. The scenario is correct without it. */
  note(line: number, message: string): undefined {
    this.#notes.push({ line, message })
  }

  get refusals(): ReadonlyArray<Mistake> {
    return byLine(this.#refusals)
  }

  get notes(): ReadonlyArray<Mistake> {
    return byLine(this.#notes)
  }
}

const byLine = (findings: ReadonlyArray<Mistake>): ReadonlyArray<Mistake> =>
  findings
    .filter((one, at) => findings.findIndex(({ line, message }) => line === one.line && message === one.message) === at)
    .toSorted((a, b) => a.line - b.line)

/** Options of `echo`, each followed by its value. */
export type Options = ReadonlyArray<string>

export interface Converted {
  /** What is written in the file, without members that are undefined. `render` checks it. */
  readonly scenario: object
  readonly options: Options
}

/** A file can't be read: the line, and the file if it is not the one that the user named. */
export interface Unreadable extends Mistake {
  readonly file?: string
}

/** Converts the part with this name or number, or all. `undefined` if something was refused. */
export type Convert = (
  text: string,
  findings: Findings,
  wanted: string | undefined,
  file: string
) => Either.Either<Converted | undefined, Unreadable>

const quoted = (word: string): string => (/^[\w./:%=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

/** The text of the scenario file, whose first lines say where it is from. On the left: one line that says why the scenario cannot be used. */
export const render = (from: string, tool: string, { options, scenario }: Converted): Either.Either<string, string> => {
  const text = stringify(scenario, { lineWidth: 120 })
  return Either.mapBoth(ScenarioFile.parse("the scenario made of it", text), {
    onLeft: (problem) => `the script does not give a valid scenario: ${problem}`,
    onRight: () =>
      [
        `# Converted from ${from} by \`effect-c10k echo import ${tool}\`. Run it with this file's name:`,
        `# effect-c10k echo --scenario FILE ${options.map(quoted).join(" ")}`.trimEnd(),
        text
      ].join("\n")
  })
}
