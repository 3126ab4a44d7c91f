/** Makes the help of each command from its options, and the help of the program. */
import * as Arr from "effect/Array"
import * as BuiltIn from "../BuiltIn.ts"
import { commands, DESCRIPTION, type Name, names } from "../Commands.ts"
import * as Flag from "../Flag.ts"
import type { HelpEntry, HelpPage, HelpSection } from "./HelpPage.ts"
import { type Topic, topics } from "./Topics.ts"

/** The commands of a parent command: `life record` is a command of `life`. */
const commandsOf = (parent: string): ReadonlyArray<HelpEntry> =>
  names
    .map((name) => commands[name])
    .filter(({ words }) => words.startsWith(`${parent} `))
    .map(({ description, words }) => ({ term: words.slice(parent.length + 1), text: description }))

const entryOf = (flag: Flag.Flag<unknown>): HelpEntry => ({ term: Flag.termOf(flag), text: Flag.describe(flag) })

/** The options in their groups, in the order of the declarations. */
const optionSections = (flags: ReadonlyArray<Flag.Flag<unknown>>): ReadonlyArray<HelpSection> =>
  Object.entries(Arr.groupBy(flags, ({ group }) => group ?? "Options")).map(([title, members]) => ({
    title,
    entries: members.map(entryOf)
  }))

export const pageOf = async (name: Name): Promise<HelpPage> => {
  const topic: Topic = topics[name]
  const declaration = await commands[name].declaration()
  const flags = Flag.flagsOf(declaration)
  const positional = Flag.argumentsOf(declaration)
  const sections: ReadonlyArray<HelpSection> = [
    {
      title: "Arguments",
      entries: positional.map(({ description, name }) => ({ term: name.toUpperCase(), text: description }))
    },
    ...optionSections(flags),
    { title: "Commands", entries: commandsOf(declaration.words) }
  ]
  return {
    usage: [
      "effect-c10k",
      declaration.words,
      ...(flags.length > 0 ? ["[OPTIONS]"] : []),
      ...positional.map(({ isOptional, name }) => (isOptional ? `[${name.toUpperCase()}]` : name.toUpperCase()))
    ].join(" "),
    description: `${commands[name].description}.`,
    examples: topic.examples,
    sections: sections.filter(({ entries }) => entries.length > 0),
    notes: topic.notes ?? []
  }
}

export const rootPage: HelpPage = {
  usage: "effect-c10k COMMAND [OPTIONS]",
  description: DESCRIPTION,
  examples: [
    { term: "effect-c10k demo", text: "a running game at http://localhost:8000/" },
    { term: "effect-c10k serve", text: "a relay server; the next command, in another terminal, plays a game on it:" },
    { term: "effect-c10k life -s 100 --check", text: "a game of 10,000 clients; every state of every cell is checked" },
    {
      term: "effect-c10k echo --url ws://localhost:9000/ --rate 1000 --duration 1m",
      text: "a load test of any echo server: 1,000 messages per second"
    }
  ],
  sections: [
    {
      title: "Commands",
      entries: names.map((name) => ({ term: commands[name].words, text: commands[name].description }))
    },
    { title: "Options of every command", entries: BuiltIn.ofProgram.map(entryOf) }
  ],
  notes: ["effect-c10k COMMAND --help shows the options of a command. Documentation: README.md and docs/."]
}

/** The pages of all commands by the words of the command. The page of the program has the key "". */
export const allPages = async (): Promise<Readonly<Record<string, HelpPage>>> => {
  const pages = await Promise.all(names.map(async (name) => [commands[name].words, await pageOf(name)] as const))
  return Object.fromEntries([["", rootPage] as const, ...pages])
}
