/** The commands that documents show, and whether the command line accepts them. */
import * as Either from "effect/Either"
import { commands, named } from "../src/Cli/Commands.ts"
import * as Usage from "../src/Cli/Usage.ts"

/** Lines of a document that are commands of this program: `    effect-c10k life -s 100`. */
export const commandsIn = (document: string): ReadonlyArray<string> =>
  [...document.matchAll(/^ {4}(effect-c10k \S.*)$/gm)].map(([, line = ""]) => line)

/** The words of a command line; quotes keep a word together. The file that its output goes to is for the shell. */
export const wordsOf = (line: string): ReadonlyArray<string> =>
  (line.replace(/\s>\s*\S+$/, "").match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'(.*)'$/, "$1"))

/** What is wrong with the words after `effect-c10k`; `undefined` if they are accepted. */
export const problemOf = async (words: ReadonlyArray<string>): Promise<string | undefined> => {
  const long = named(words.slice(0, 2).join(" "))
  const name = long ?? named(words[0] ?? "")
  if (name === undefined) return `no command: ${words.join(" ")}`
  return Either.match(Usage.arrange(await commands[name].declaration(), words.slice(long === undefined ? 1 : 2)), {
    onLeft: (error) => `${words.join(" ")}: ${error.message}`,
    onRight: () => undefined
  })
}
