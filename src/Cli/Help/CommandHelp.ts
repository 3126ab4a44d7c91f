/** Makes the help of each command from its options, and the help of the program. */
import type * as Command from "@effect/cli/Command"
import { words as commandWords, modules, type Name } from "../Commands.ts"
import { descriptions } from "../Descriptions.ts"
import * as CommandOptions from "./CommandOptions.ts"
import type { HelpEntry, HelpPage, HelpSection } from "./HelpPage.ts"
import { type Topic, topics } from "./Topics.ts"

/** Each command has its own type, so this function is generic. */
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

/** The commands of a parent command: `life record` is a command of `life`. */
const commandsOf = (parent: string): ReadonlyArray<HelpEntry> =>
  names
    .filter((name) => commandWords[name].startsWith(`${parent} `))
    .map((name) => ({ term: commandWords[name].slice(parent.length + 1), text: descriptions[name] }))

/** The options in the groups of the topic. Options without a group come first. */
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

/** `life patterns` has the command `show`, which takes an argument. */
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

/** The help of the program with its commands. */
export const rootPage: HelpPage = {
  usage: "effect-c10k COMMAND [OPTIONS]",
  description: descriptions.root,
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
    { title: "Commands", entries: names.map((name) => ({ term: commandWords[name], text: descriptions[name] })) },
    {
      title: "Options of every command",
      entries: [
        { term: "-h, --help", text: "Show the options of a command." },
        { term: "--version", text: "Show the version." },
        {
          term: "--log-level LEVEL",
          text: "Log only lines of this level or above: all, trace, debug, info, warning, error, fatal or none."
        },
        {
          term: "--completions SHELL",
          text: "Write shell completions for bash, zsh, fish or sh. To use them: source <(effect-c10k --completions bash)"
        }
      ]
    }
  ],
  notes: ["effect-c10k COMMAND --help shows the options of a command. Documentation: README.md and docs/."]
}

/** The pages of all commands by the words of the command. The page of the program has the key "". */
export const allPages = async (): Promise<Readonly<Record<string, HelpPage>>> => {
  const pages = await Promise.all(names.map(async (name) => [commandWords[name], await pageOf(name)] as const))
  return Object.fromEntries([["", rootPage] as const, ...pages])
}
