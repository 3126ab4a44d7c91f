/** The help of each command, made from its options, and that of the program. */
import type * as Command from "@effect/cli/Command"
import { words as commandWords, modules, type Name } from "../Commands.ts"
import { descriptions } from "../Descriptions.ts"
import * as CommandOptions from "./CommandOptions.ts"
import type { HelpEntry, HelpPage, HelpSection } from "./HelpPage.ts"
import { type Topic, topics } from "./Topics.ts"

/** The commands have types of their own, so each is read by itself. */
const read =
  <N extends string, R, E, A>(module: () => Promise<Command.Command<N, R, E, A>>) =>
  async () =>
    CommandOptions.entries(await module())

const entriesOf: Readonly<Record<Name, () => Promise<ReadonlyArray<HelpEntry>>>> = {
  demo: read(modules.demo),
  serve: read(modules.serve),
  life: read(modules.life),
  patterns: read(modules.patterns),
  recordGame: read(modules.recordGame),
  replay: read(modules.replay),
  echo: read(modules.echo),
  compare: read(modules.compare),
  import: read(modules.import),
  record: read(modules.record),
  agent: read(modules.agent)
}

const names = Object.keys(commandWords) as ReadonlyArray<Name>

/** `file` of `<file>`. */
const argumentOf = ({ term }: HelpEntry): string | undefined => /^<(.*)>$/.exec(term)?.[1]?.toUpperCase()

/** The commands whose words begin with those of another one: `life record` is one of `life`. */
const commandsOf = (parent: string): ReadonlyArray<HelpEntry> =>
  names
    .filter((name) => commandWords[name].startsWith(`${parent} `))
    .map((name) => ({ term: commandWords[name].slice(parent.length + 1), text: descriptions[name] }))

/** The options by the groups of the topic; those that it leaves out come first. */
const optionSections = (options: ReadonlyArray<HelpEntry>, groups: Topic["groups"]): ReadonlyArray<HelpSection> => {
  const byName = new Map(options.map((option) => [CommandOptions.longName(option.term).slice(2), option]))
  const sections = Object.entries(groups).map(([title, flags]) => ({
    title,
    entries: flags.flatMap((flag) => byName.get(flag) ?? [])
  }))
  const grouped = new Set(Object.values(groups).flat())
  const others = [...byName].filter(([flag]) => !grouped.has(flag)).map(([, option]) => option)
  return [{ title: "Options", entries: others }, ...sections]
}

/** Of `life patterns` it is a command, `show`, that takes an argument. */
const subcommands = (name: Name): ReadonlyArray<HelpEntry> =>
  name === "patterns" ? [{ term: "show NAME", text: descriptions.show }] : commandsOf(commandWords[name])

export const pageOf = async (name: Name): Promise<HelpPage> => {
  const topic: Topic = topics[name]
  const entries = await entriesOf[name]()
  const options = entries.filter((entry) => argumentOf(entry) === undefined)
  const positional = entries.flatMap((entry) => {
    const argument = argumentOf(entry)
    return argument === undefined ? [] : [{ term: argument, text: entry.text }]
  })
  const sections: ReadonlyArray<HelpSection> = [
    { title: "Arguments", entries: positional },
    ...optionSections(options, topic.groups),
    { title: "Commands", entries: subcommands(name) }
  ]
  return {
    usage: [
      "effect-c10k",
      commandWords[name],
      ...(options.length > 0 ? ["[OPTIONS]"] : []),
      ...positional.map(({ term }) => term)
    ].join(" "),
    description: `${descriptions[name]}.`,
    examples: topic.examples,
    sections: sections.filter(({ entries }) => entries.length > 0),
    notes: topic.notes
  }
}

/** The page of the program: its commands. */
export const rootPage: HelpPage = {
  usage: "effect-c10k COMMAND [OPTIONS]",
  description: descriptions.root,
  examples: [
    { term: "effect-c10k demo", text: "a moving grid at http://localhost:8000/" },
    { term: "effect-c10k serve", text: "a relay server, and on it, from another terminal, a game of 10,000 clients:" },
    { term: "effect-c10k life -s 100 --check", text: "every state that every cell hears is checked" },
    { term: "effect-c10k echo --url ws://localhost:9000/ --rate 1000 --duration 1m", text: "load for any echo server" }
  ],
  sections: [
    { title: "Commands", entries: names.map((name) => ({ term: commandWords[name], text: descriptions[name] })) },
    {
      title: "Options of every command",
      entries: [
        { term: "-h, --help", text: "Show the options of a command." },
        { term: "--version", text: "Show the version." },
        {
          term: "--log-level LEVEL",
          text: "The least important lines to log: all, trace, debug, info, warning, error, fatal or none."
        },
        {
          term: "--completions SHELL",
          text: "Write the completions for bash, zsh, fish or sh: source <(effect-c10k --completions bash)"
        }
      ]
    }
  ],
  notes: ["effect-c10k COMMAND --help shows what a command takes. Documentation: README.md and docs/."]
}

/** The pages of all commands by what is typed for them; that of the program by nothing. */
export const allPages = async (): Promise<Readonly<Record<string, HelpPage>>> => {
  const pages = await Promise.all(names.map(async (name) => [commandWords[name], await pageOf(name)] as const))
  return Object.fromEntries([["", rootPage] as const, ...pages])
}
