/** What shells complete: the commands with their options and arguments, and what values these take. */
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
  readonly letter: string | undefined
  readonly text: string
  /** `undefined` for a switch. */
  readonly values: Values | undefined
}

export interface Place {
  /** The words of the command: `life record`; "" for the program. */
  readonly words: string
  readonly options: ReadonlyArray<Option>
  /** The words of the commands under this one. */
  readonly commands: ReadonlyArray<{ readonly word: string; readonly text: string }>
  /** What its arguments may be. */
  readonly argument: Values
}

const firstSentence = (text: string): string => /^.*?[.:](?= |$)/.exec(text)?.[0].slice(0, -1) ?? text

const builtIn: ReadonlyArray<Option> = [
  { name: "help", letter: "h", text: "Show the options", values: undefined },
  {
    name: "log-level",
    letter: undefined,
    text: "Log only lines of this level or above",
    values: { words: ["all", "trace", "debug", "info", "warning", "error", "fatal", "none"], files: false }
  }
]

const ofProgram: ReadonlyArray<Option> = [
  { name: "version", letter: undefined, text: "Show the version", values: undefined },
  {
    name: "completions",
    letter: undefined,
    text: "Write completions for a shell",
    values: { words: ["bash", "zsh", "fish"], files: false }
  }
]

const commandsUnder = (words: string) =>
  wordsUnder(words).map((word) => {
    const typed = words === "" ? word : `${words} ${word}`
    const name = named(typed)
    return { word, text: name === undefined ? "" : firstSentence(commands[name].description) }
  })

export const make = async (patterns: ReadonlyArray<string>): Promise<ReadonlyArray<Place>> => {
  const valuesOf = (completion: Flag.Completion): Values =>
    completion === "file"
      ? { words: [], files: true }
      : completion === "pattern"
        ? { words: patterns, files: true }
        : { words: completion, files: false }
  const places = names.map(async (name): Promise<Place> => {
    const declaration = await commands[name].declaration()
    const values = Flag.argumentsOf(declaration).map(({ completion }) => valuesOf(completion))
    return {
      words: declaration.words,
      options: [
        ...Flag.flagsOf(declaration).map(({ alias, completion, description, name, placeholder }) => ({
          name,
          letter: alias,
          text: firstSentence(description),
          values: placeholder === undefined ? undefined : valuesOf(completion)
        })),
        ...builtIn
      ],
      commands: commandsUnder(declaration.words),
      argument: { words: values.flatMap(({ words }) => words), files: values.some(({ files }) => files) }
    }
  })
  const program: Place = {
    words: "",
    options: [...ofProgram, ...builtIn],
    commands: commandsUnder(""),
    argument: { words: [], files: false }
  }
  return [program, ...(await Promise.all(places))]
}

/** The names of an option as they are typed. */
export const typed = ({ letter, name }: Pick<Option, "letter" | "name">): ReadonlyArray<string> =>
  letter === undefined ? [`--${name}`] : [`--${name}`, `-${letter}`]

/** Each command as `PARENT/WORD`: `/life`, `life/record`. */
export const steps = (places: ReadonlyArray<Place>): ReadonlyArray<string> =>
  places.flatMap(({ commands, words }) => commands.map(({ word }) => `${words}/${word}`))

/** For bash and zsh: a case for each option with a value, which `write` makes of the names of the option. */
export const valueCases = (
  { options, words }: Place,
  write: (names: string, values: Values) => string
): ReadonlyArray<string> =>
  options.flatMap((option) => {
    const names = typed(option).map((name) => `"${words}:${name}"`)
    return option.values === undefined ? [] : [write(names.join("|"), option.values)]
  })
