/** Reads the options and arguments of a command from its help document, because @effect/cli has no other access to them. */
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

/** `(-s, --size N)` becomes `-s, --size N`, and `--at ROW,COL...` becomes `--at ROW,COL`, since the description says that it is repeatable. */
const termOf = (span: string): string => span.replace(/^\((.*)\)(\.\.\.)?$/, "$1").replace(/\.\.\.$/, "")

/** The first paragraph of an option is @effect/cli's text about its type, the second is the description. */
const entriesOf = (doc: HelpDoc.HelpDoc): ReadonlyArray<HelpEntry> => {
  if (HelpDoc.isSequence(doc)) return [...entriesOf(doc.left), ...entriesOf(doc.right)]
  if (!HelpDoc.isDescriptionList(doc)) return []
  return doc.definitions.map(([span, body]) => ({
    term: termOf(textOf(HelpDoc.p(span))),
    text: paragraphs(body)[1] ?? ""
  }))
}

/** The options of every command are shown only on the page of the program. */
const withoutBuiltIns = CliConfig.make({ showBuiltIns: false })

/** The arguments (as `<file>`) and options of a command, in the order of their declaration. */
export const entries = <Name extends string, R, E, A>(
  command: Command.Command<Name, R, E, A>
): ReadonlyArray<HelpEntry> =>
  entriesOf(Command.getHelp(command, withoutBuiltIns)).filter(({ term }) => /^[-<]/.test(term))

/** `--size` of `-s, --size N`. */
export const longName = (term: string): string => /--[a-z-]+/.exec(term)?.[0] ?? term
