/** What shells complete: the commands with their options and arguments, and what values these take. */
import * as BuiltIn from "../BuiltIn.ts"
import { commands, named, names, wordsUnder } from "../Commands.ts"
import * as Flag from "../Flag.ts"

/** The values of an option or an argument: some words, and perhaps the names of files. */
export interface Values {
  readonly words: ReadonlyArray<string>
  readonly files: boolean
}

interface Option {
  /** The long name, without its dashes. */
  readonly name: string
  readonly alias: string | undefined
  readonly text: string
  /** `undefined` for a switch. */
  readonly values: Values | undefined
}

export interface CommandNode {
  /** The words of the command: `life record`; "" for the program. */
  readonly words: string
  readonly options: ReadonlyArray<Option>
  /** The words of the commands under this one. */
  readonly commands: ReadonlyArray<{ readonly word: string; readonly text: string }>
  readonly argument: Values
}

const firstSentence = (text: string): string => /^.*?[.:](?= |$)/.exec(text)?.[0].slice(0, -1) ?? text

const commandsUnder = (words: string) =>
  wordsUnder(words).map((word) => {
    const typed = words === "" ? word : `${words} ${word}`
    const name = named(typed)
    return { word, text: name === undefined ? "" : firstSentence(commands[name].description) }
  })

export const make = async (patterns: ReadonlyArray<string>): Promise<ReadonlyArray<CommandNode>> => {
  const valuesOf = (completion: Flag.Completion): Values =>
    completion === "file"
      ? { words: [], files: true }
      : completion === "pattern"
        ? { words: patterns, files: true }
        : { words: completion, files: false }
  const optionOf = ({ alias, completion, description, name, placeholder }: Flag.Flag<unknown>): Option => ({
    ...{ name, alias, text: firstSentence(description) },
    values: placeholder === undefined ? undefined : valuesOf(completion)
  })
  const places = names.map(async (name): Promise<CommandNode> => {
    const declaration = await commands[name].declaration()
    const values = Flag.argumentsOf(declaration).map(({ completion }) => valuesOf(completion))
    return {
      words: declaration.words,
      options: [...Flag.flagsOf(declaration), ...BuiltIn.ofCommands].map(optionOf),
      commands: commandsUnder(declaration.words),
      argument: { words: values.flatMap(({ words }) => words), files: values.some(({ files }) => files) }
    }
  })
  const program: CommandNode = {
    words: "",
    options: BuiltIn.ofProgram.map(optionOf),
    commands: commandsUnder(""),
    argument: { words: [], files: false }
  }
  return [program, ...(await Promise.all(places))]
}

/** Each command as `PARENT/WORD`: `/life`, `life/record`. */
export const steps = (places: ReadonlyArray<CommandNode>): ReadonlyArray<string> =>
  places.flatMap(({ commands, words }) => commands.map(({ word }) => `${words}/${word}`))

/** For bash and zsh: a case for each option with a value, which `write` makes of the names of the option. */
export const valueCases = (
  { options, words }: CommandNode,
  write: (names: string, values: Values) => string
): ReadonlyArray<string> =>
  options.flatMap((option) => {
    const names = Flag.namesOf(option).map((name) => `"${words}:${name}"`)
    return option.values === undefined ? [] : [write(names.join("|"), option.values)]
  })
