/** The command line. A command is loaded when the user names it, and its handler when it runs. */

import { stripVTControlCharacters } from "node:util"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Suggestion from "../Text/Suggestion.ts"
import { about } from "./About.ts"
import type { CliCommand } from "./CliCommand.ts"
import { argumentsOf } from "./CliCommand.ts"
import { hasColours } from "./Colours.ts"
import { modules, type Name, named, words, wordsUnder } from "./Commands.ts"
import * as HelpPage from "./Help/HelpPage.ts"
import * as Output from "./Output.ts"
import * as Usage from "./Usage.ts"
import { UserError } from "./UserError.ts"

const load = <A>(module: () => Promise<A>) => Effect.promise(module)

type Argv = ReadonlyArray<string>

/** An invalid value. Its text is the message of the option's kind (`Flag.ts`). */
const textOf = (doc: HelpDoc.HelpDoc): string =>
  stripVTControlCharacters(HelpDoc.toAnsiText(doc)).replace(/\s+/g, " ").trim()

const explain = <F>(error: F): Exclude<F, ValidationError.ValidationError> | UserError =>
  ValidationError.isValidationError(error)
    ? new UserError({ message: textOf(error.error) })
    : (error as Exclude<F, ValidationError.ValidationError>)

/** Runs one command with what follows its words. `levels` is `--log-level LEVEL`, if it was given. */
const only =
  <R, E>(module: () => Promise<CliCommand<R, E>>) =>
  (given: Argv, levels: Argv) =>
    Effect.gen(function* () {
      const command = yield* load(module)
      const arranged = yield* Usage.arrange(command, given)
      const run = Command.run(command.command, about)
      return yield* Effect.mapError(run(["node", about.name, ...levels, ...arranged]), explain)
    })

/** Like `only`, but ends when the output is closed. Servers and agents do not use this, so they continue. */
const untilBroken = <R, E>(module: () => Promise<CliCommand<R, E>>) => {
  const run = only(module)
  return (given: Argv, levels: Argv) => Output.untilBroken(run(given, levels))
}

const commands = {
  demo: untilBroken(modules.demo),
  serve: only(modules.serve),
  life: untilBroken(modules.life),
  patterns: untilBroken(modules.patterns),
  show: untilBroken(modules.show),
  recordGame: untilBroken(modules.recordGame),
  replay: untilBroken(modules.replay),
  // `echo` handles a closed output itself, because it still has to write its files.
  echo: only(modules.echo),
  compare: untilBroken(modules.compare),
  import: untilBroken(modules.import),
  record: untilBroken(modules.record),
  agent: only(modules.agent),
  doctor: untilBroken(modules.doctor)
}

interface Found {
  readonly name: Name
  /** What follows the words of the command. */
  readonly rest: Argv
}

/** Whether the word is an argument of the command, and not the name of a command under it that is misspelt. */
const isArgument = (name: Name, word: string) =>
  Effect.map(
    load<{ readonly inputs: CliCommand<never, never>["inputs"] }>(modules[name]),
    (command) =>
      argumentsOf(command).length > 0 &&
      (Suggestion.nearest(word, wordsUnder(words[name])) === undefined || /[:/.]/.test(word))
  )

/** Finds the command whose words the command line begins with. */
const find = Effect.fnUntraced(function* (given: Argv): Effect.fn.Return<Found | undefined, UserError> {
  const at = given.findIndex((text) => !text.startsWith("-"))
  const word = given[at]
  if (word === undefined) return undefined
  const first = named(word)
  if (at > 0) return yield* Usage.commandComesFirst()
  if (first === undefined) {
    const others = Object.values(words).filter((typed) => typed.endsWith(` ${word}`))
    return yield* others.length > 0 ? Usage.commandOfAnother(word, others) : Usage.unknownCommand(word, wordsUnder(""))
  }
  let name: Name = first
  let rest = given.slice(1)
  for (;;) {
    const [next, ...others] = rest
    if (next === undefined || next.startsWith("-")) break
    const longer: Name | undefined = named(`${words[name]} ${next}`)
    const under = wordsUnder(words[name])
    if (longer === undefined) {
      if (under.length > 0 && !(yield* isArgument(name, next)))
        return yield* Usage.unknownCommand(next, under, `${words[name]} `)
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
  if (level === undefined || !logLevels.includes(level))
    return Either.left(new UserError({ message: `--log-level ${level ?? ""}: expected ${logLevels.join(", ")}` }))
  const others = [...given.slice(0, at), ...given.slice(at + (inline === undefined ? 2 : 1))]
  return Either.right({ levels: ["--log-level", level], others })
}

const logLevels: ReadonlyArray<string> = ["all", "trace", "debug", "info", "warning", "error", "fatal", "none"]

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
  if (found !== undefined) return yield* commands[found.name](found.rest, levels)
  return yield* given[0] === undefined ? help(undefined) : Usage.noSuchOption(given[0])
})
