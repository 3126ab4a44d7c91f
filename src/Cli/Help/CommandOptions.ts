/** The options and arguments of a command, as its help tells them: @effect/cli shows them only as a document. */
import { stripVTControlCharacters } from "node:util"
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import type { HelpEntry } from "./HelpPage.ts"

const textOf = (doc: HelpDoc.HelpDoc): string =>
  stripVTControlCharacters(HelpDoc.toAnsiText(doc)).replace(/\s+/g, " ").trim()

const paragraphs = (doc: HelpDoc.HelpDoc): ReadonlyArray<string> => {
  if (HelpDoc.isSequence(doc)) return [...paragraphs(doc.left), ...paragraphs(doc.right)]
  const text = textOf(doc)
  return text === "" ? [] : [text]
}

/** `(-s, --size N)` and `--at ROW,COL...` are `-s, --size N` and `--at ROW,COL`: that one is repeatable is in its text. */
const termOf = (span: string): string => span.replace(/^\((.*)\)(\.\.\.)?$/, "$1").replace(/\.\.\.$/, "")

/** The first paragraph of an option is what @effect/cli says of its type, the second is its description. */
const entriesOf = (doc: HelpDoc.HelpDoc): ReadonlyArray<HelpEntry> => {
  if (HelpDoc.isSequence(doc)) return [...entriesOf(doc.left), ...entriesOf(doc.right)]
  if (!HelpDoc.isDescriptionList(doc)) return []
  return doc.definitions.map(([span, body]) => ({
    term: termOf(textOf(HelpDoc.p(span))),
    text: paragraphs(body)[1] ?? ""
  }))
}

/** Those that every command has are told once, on the page of all commands. */
const withoutBuiltIns = CliConfig.make({ showBuiltIns: false })

/** Arguments, as `<file>`, and options, in the order of their declaration. */
export const entries = <Name extends string, R, E, A>(
  command: Command.Command<Name, R, E, A>
): ReadonlyArray<HelpEntry> =>
  entriesOf(Command.getHelp(command, withoutBuiltIns)).filter(({ term }) => /^[-<]/.test(term))

/** `--size` of `-s, --size N`. */
export const longName = (term: string): string => /--[a-z-]+/.exec(term)?.[0] ?? term
