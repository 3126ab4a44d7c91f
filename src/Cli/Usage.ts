/**
 * Explains errors in the command line in one line. @effect/cli says what it could not read, but not which values an option takes
 * or which option the user probably meant.
 */
import { stripVTControlCharacters } from "node:util"
import type * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Suggestion from "../Text/Suggestion.ts"
import * as CommandOptions from "./Help/CommandOptions.ts"
import { UserError } from "./UserError.ts"

const textOf = (doc: HelpDoc.HelpDoc): string =>
  stripVTControlCharacters(HelpDoc.toAnsiText(doc)).replace(/\s+/g, " ").trim()

/** `; did you mean X?` if there is a similar name. */
const meant = (written: string, names: ReadonlyArray<string>): string => {
  const name = Suggestion.nearest(written, names)
  return name === undefined ? "" : `; did you mean ${name}?`
}

const builtIn = ["--help", "--version", "--completions", "--log-level", "--wizard"]

/** The long and short options of a command. */
const optionsOf = <Name extends string, R, E, A>(command: Command.Command<Name, R, E, A>): ReadonlyArray<string> => [
  ...CommandOptions.entries(command).flatMap(({ term }) => term.match(/(?<![\w-])--?[a-zA-Z][a-z-]*/g) ?? []),
  ...builtIn
]

/** Explains errors in the options of a command. Other errors stay as they are. */
export const explain =
  <Name extends string, R, E, A>(words: string, command: Command.Command<Name, R, E, A>) =>
  <F>(error: F): Exclude<F, ValidationError.ValidationError> | UserError => {
    if (!ValidationError.isValidationError(error)) return error as Exclude<F, ValidationError.ValidationError>
    return new UserError({ message: rephrase(textOf(error.error), words, optionsOf(command)) })
  }

const COMES_FIRST = "the command comes before its options; `effect-c10k --help` lists the commands"

const rephrase = (text: string, words: string, options: ReadonlyArray<string>): string => {
  const help = `\`${["effect-c10k", words, "--help"].filter((word) => word !== "").join(" ")}\` lists them`
  const unknown = /^Received unknown argument: '(.*)'$/.exec(text)?.[1]
  if (unknown !== undefined) {
    if (options.includes(unknown)) return `${unknown}: its value is missing or wrong; ${help}`
    if (!unknown.startsWith("-")) return `${words} takes no argument "${unknown}"; ${help}`
    const subject = words === "" ? "there is" : `${words} has`
    return `${subject} no option ${unknown}${meant(unknown, options) || `; ${help}`}`
  }
  const missing = /^Missing argument <(.*)>$/.exec(text)?.[1]
  if (missing !== undefined) return `${words}: the argument ${missing.toUpperCase()} is missing; ${help}`
  if (text.startsWith("Invalid subcommand")) return COMES_FIRST
  // For a value from the environment, the reason is enough, because it names the variable.
  const variable = /^\(Invalid data at [^:]*: "(.*)"\)$/.exec(text)?.[1]
  return variable ?? text
}

/** The error for options before the command. */
export const commandComesFirst = (): UserError => new UserError({ message: COMES_FIRST })

/** The error for an unknown command. */
export const unknownCommand = (written: string, names: ReadonlyArray<string>, parent = ""): UserError =>
  new UserError({
    message: `there is no command ${parent}${written}${meant(written, names) || `; the commands are ${names.join(", ")}`}`
  })

/** The error for an unknown command that is the last word of `commands`, as in `life patterns`. */
export const commandOfAnother = (written: string, commands: ReadonlyArray<string>): UserError =>
  new UserError({ message: `there is no command ${written}; did you mean ${commands.join(" or ")}?` })
