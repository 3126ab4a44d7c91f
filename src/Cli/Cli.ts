/** The command line. A command is loaded when the user names it, and its handler when it runs. */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { about } from "./About.ts"
import { hasColours } from "./Colours.ts"
import { modules, type Name, words } from "./Commands.ts"
import { descriptions } from "./Descriptions.ts"
import * as HelpPage from "./Help/HelpPage.ts"
import * as Output from "./Output.ts"
import * as Usage from "./Usage.ts"
import type { UserError } from "./UserError.ts"

const root = Command.make("effect-c10k").pipe(Command.withDescription(descriptions.root))

const load = <A>(module: () => Promise<A>) => Effect.promise(module)

type Argv = ReadonlyArray<string>

/** Runs one command. `typed` is its name: `serve`, or `echo compare`, whose parent is `echo`. */
const only =
  <Name extends string, R, E, A>(typed: string, module: () => Promise<Command.Command<Name, R, E, A>>) =>
  (argv: Argv) =>
    Effect.flatMap(load(module), (command) => {
      const [parent, child] = typed.split(" ")
      const run =
        child === undefined
          ? Command.run(Command.withSubcommands(root, [command]), about)
          : Command.run(
              Command.withSubcommands(root, [Command.withSubcommands(Command.make(parent!), [command])]),
              about
            )
      return Effect.mapError(run(argv), Usage.explain(typed, command))
    })

/** Like `only`, but ends when the output is closed. Servers and agents do not use this, so they continue. */
const untilBroken = <Name extends string, R, E, A>(
  typed: string,
  module: () => Promise<Command.Command<Name, R, E, A>>
) => {
  const run = only(typed, module)
  return (argv: Argv) => Output.untilBroken(run(argv))
}

const commands = {
  demo: untilBroken(words.demo, modules.demo),
  serve: only(words.serve, modules.serve),
  life: untilBroken(words.life, modules.life),
  patterns: untilBroken(words.patterns, modules.patterns),
  recordGame: untilBroken(words.recordGame, modules.recordGame),
  replay: untilBroken(words.replay, modules.replay),
  // `echo` handles a closed output itself, because it still has to write its files.
  echo: only(words.echo, modules.echo),
  compare: untilBroken(words.compare, modules.compare),
  import: untilBroken(words.import, modules.import),
  record: untilBroken(words.record, modules.record),
  agent: only(words.agent, modules.agent)
}

/** The command tree for completions and the wizard. */
const all = async () => {
  const [demo, serve] = await Promise.all([modules.demo(), modules.serve()])
  const [life, ...ofLife] = await Promise.all([
    modules.life(),
    modules.patterns(),
    modules.recordGame(),
    modules.replay()
  ])
  const [echo, ...ofEcho] = await Promise.all([
    modules.echo(),
    modules.compare(),
    modules.import(),
    modules.record(),
    modules.agent()
  ])
  return Command.run(
    Command.withSubcommands(root, [
      demo,
      serve,
      Command.withSubcommands(life, ofLife),
      Command.withSubcommands(echo, ofEcho)
    ]),
    about
  )
}

const names = ["demo", "serve", "life", "echo"] as const
const lifeNames = { patterns: "patterns", record: "recordGame", replay: "replay" } as const
const echoNames = ["compare", "import", "record", "agent"] as const

/** The command of a command line. It comes before its options. */
const commandOf = (given: Argv): Either.Either<Name | undefined, UserError> => {
  const at = given.findIndex((text) => !text.startsWith("-") && !logLevels.includes(text))
  const word = given[at]
  if (word === undefined) return Either.right(undefined)
  const name = names.find((each) => each === word)
  if (name === undefined && at > 0) return Either.left(Usage.commandComesFirst())
  if (name === undefined) {
    const others = Object.values(words).filter((typed) => typed.endsWith(` ${word}`))
    return Either.left(others.length > 0 ? Usage.commandOfAnother(word, others) : Usage.unknownCommand(word, names))
  }
  const [second, third] = given.slice(at + 1)
  if (second === undefined || second.startsWith("-")) return Either.right(name)
  if (name === "echo") {
    const sub = echoNames.find((each) => each === second)
    return sub === undefined ? Either.left(Usage.unknownCommand(second, echoNames, "echo ")) : Either.right(sub)
  }
  if (name !== "life") return Either.right(name)
  const sub = Object.entries(lifeNames).find(([word]) => word === second)?.[1]
  if (sub === undefined) return Either.left(Usage.unknownCommand(second, Object.keys(lifeNames), "life "))
  if (sub !== "patterns") return Either.right(sub)
  const isKnown = third === undefined || third.startsWith("-") || third === "show"
  return isKnown ? Either.right("patterns") : Either.left(Usage.unknownCommand(third, ["show"], "life patterns "))
}

/** The values of options that may be given without a value, which @effect/cli does not support. */
const alone: Readonly<Record<string, string>> = { "--json": "-", "--ui": "8090" }

const withTargets = (argv: Argv): Argv =>
  argv.flatMap((text, index) => {
    const following = argv[index + 1]
    const isAlone = following === undefined || (following.startsWith("-") && following !== "-")
    const value = alone[text]
    return value !== undefined && isAlone ? [text, value] : [text]
  })

/** The values of `--log-level`, which may come before the command and after it. */
const logLevels: ReadonlyArray<string> = ["all", "trace", "debug", "info", "warning", "error", "fatal", "none"]

const help = Effect.fn("Cli.help")(function* (name: Name | undefined) {
  const { pageOf, rootPage } = yield* load(() => import("./Help/CommandHelp.ts"))
  const page = name === undefined ? rootPage : yield* load(() => pageOf(name))
  const { results } = yield* Output.Output
  results.unsafeWrite(HelpPage.render(page, { columns: results.columns(), colours: hasColours(process.stdout) }))
})

export const run = Effect.fn("Cli.run")(function* (argv: Argv) {
  const given = argv.slice(2)
  if (given.some((text) => text === "--completions" || text === "--wizard")) {
    return yield* Effect.mapError((yield* load(all))(argv), Usage.explain("", root))
  }
  const name = yield* commandOf(given)
  if (given.some((text) => text === "--help" || text === "-h")) return yield* help(name)
  if (name === undefined && given.length === 0) return yield* help(undefined)
  if (name === undefined) return yield* Effect.mapError(Command.run(root, about)(argv), Usage.explain("", root))
  return yield* commands[name](withTargets(argv))
})
