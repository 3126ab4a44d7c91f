/** The command line. A command is loaded when the user names it, and its handler when it runs. */

import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Suggestion from "../Text/Suggestion.ts"
import { about } from "./About.ts"
import { logLevels } from "./BuiltIn.ts"
import { hasColours } from "./Colours.ts"
import { commands, type Name, named, names, wordsUnder } from "./Commands.ts"
import * as Flag from "./Flag.ts"
import * as HelpPage from "./Help/HelpPage.ts"
import * as Output from "./Output.ts"
import * as Usage from "./Usage.ts"
import { UserError } from "./UserError.ts"

const load = <A>(module: () => Promise<A>) => Effect.promise(module)

type Argv = ReadonlyArray<string>

interface Found {
  readonly name: Name
  /** What follows the words of the command. */
  readonly rest: Argv
}

/** Whether the word is an argument of the command, and not the name of a command under it that is misspelt. */
const isArgument = (name: Name, word: string) =>
  Effect.map(
    load(commands[name].declaration),
    (declared) =>
      Flag.argumentsOf(declared).length > 0 &&
      (Suggestion.nearest(word, wordsUnder(commands[name].words)) === undefined || /[:/.]/.test(word))
  )

/** Finds the command whose words the command line begins with. */
const find = Effect.fnUntraced(function* (given: Argv): Effect.fn.Return<Found | undefined, UserError> {
  const at = given.findIndex((text) => !text.startsWith("-"))
  const word = given[at]
  if (word === undefined) return undefined
  const first = named(word)
  if (at > 0) return yield* Usage.commandComesFirst()
  if (first === undefined) {
    const others = names.map((name) => commands[name].words).filter((typed) => typed.endsWith(` ${word}`))
    return yield* others.length > 0 ? Usage.commandOfAnother(word, others) : Usage.unknownCommand(word, wordsUnder(""))
  }
  let name: Name = first
  let rest = given.slice(1)
  for (;;) {
    const [next, ...others] = rest
    if (next === undefined || next.startsWith("-")) break
    const longer: Name | undefined = named(`${commands[name].words} ${next}`)
    const under = wordsUnder(commands[name].words)
    if (longer === undefined) {
      if (under.length > 0 && !(yield* isArgument(name, next)))
        return yield* Usage.unknownCommand(next, under, `${commands[name].words} `)
      break
    }
    name = longer
    rest = others
  }
  return { name, rest }
})

const help = Effect.fn("Cli.help")(function* (name: Name | undefined) {
  const { pageOf, rootPage } = yield* load(() => import("./Help/CommandHelp.ts"))
  const page = name === undefined ? rootPage : yield* load(() => pageOf(name))
  const { results } = yield* Output.Output
  results.unsafeWrite(HelpPage.render(page, { columns: results.columns(), colours: hasColours(process.stdout) }))
})

/** Takes `--log-level LEVEL` out of a command line: it may be before the command and after it. */
const withoutLogLevel = (given: Argv): Either.Either<{ readonly levels: Argv; readonly others: Argv }, UserError> => {
  const at = given.findIndex((text) => text === "--log-level" || text.startsWith("--log-level="))
  if (at < 0) return Either.right({ levels: [], others: given })
  const [, inline] = given[at]!.split("=")
  const level = inline ?? given[at + 1]
  if (level === undefined || !logLevels.some((known) => known === level))
    return Either.left(UserError.of(`--log-level ${level ?? ""}: expected ${logLevels.join(", ")}`))
  const others = [...given.slice(0, at), ...given.slice(at + (inline === undefined ? 2 : 1))]
  return Either.right({ levels: ["--log-level", level], others })
}

const isHelp = (text: string): boolean => text === "--help" || text === "-h"

export const run = Effect.fn("Cli.run")(function* (argv: Argv) {
  const { levels, others: typed } = yield* withoutLogLevel(argv.slice(2))
  const given = typed[0] === "help" ? [...typed.slice(1), "--help"] : typed
  if (given[0] === "--version") return yield* Output.result(about.version)
  if (given[0]?.startsWith("--completions")) {
    const { script } = yield* load(() => import("./Completions/Completions.ts"))
    return yield* Effect.flatMap(script(given), Output.result)
  }
  if (given.some(isHelp)) return yield* help((yield* find(given.filter((text) => !isHelp(text))))?.name)
  const found = yield* find(given)
  if (found !== undefined) return yield* commands[found.name].run(found.rest, levels)
  return yield* given[0] === undefined ? help(undefined) : Usage.noSuchOption(given[0])
})
