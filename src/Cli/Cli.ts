/**
 * The command line. A command is loaded when it is named, its program when it runs: so `--help` is there at once, and
 * the list of commands is a list, not every option of all of them.
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { about } from "./About.ts"
import { descriptions } from "./Descriptions.ts"
import * as Output from "./Output.ts"
import * as Usage from "./Usage.ts"
import type { UserError } from "./UserError.ts"

const root = Command.make("effect-c10k").pipe(
  Command.withDescription("A WebSocket relay server, a Game of Life of WebSocket clients, and a checking load tester")
)

const outlineOf = (name: keyof typeof descriptions, word: string = name) =>
  Command.make(word).pipe(Command.withDescription(descriptions[name]))

const load = <A>(module: () => Promise<A>) => Effect.promise(module)

/** The commands by name only. */
const outline = Command.run(
  Command.withSubcommands(root, [
    outlineOf("demo"),
    outlineOf("serve"),
    Command.withSubcommands(outlineOf("life"), [
      outlineOf("patterns"),
      outlineOf("recordGame", "record"),
      outlineOf("replay")
    ]),
    Command.withSubcommands(outlineOf("echo"), [
      outlineOf("compare"),
      outlineOf("import"),
      outlineOf("record"),
      outlineOf("agent")
    ])
  ]),
  about
)

/** One command; `words` are those that name it. */
const only = <Name extends string, R, E, A>(words: string, command: Command.Command<Name, R, E, A>) => {
  const run = Command.run(Command.withSubcommands(root, [command]), about)
  return (argv: Argv) => Effect.mapError(run(argv), Usage.explain(words, command))
}

type Argv = ReadonlyArray<string>

/** A command under another. */
const under =
  (parent: string) =>
  <Name extends string, R, E, A>(word: string, command: Command.Command<Name, R, E, A>) => {
    const run = Command.run(
      Command.withSubcommands(root, [Command.withSubcommands(Command.make(parent), [command])]),
      about
    )
    return (argv: Argv) => Effect.mapError(run(argv), Usage.explain(`${parent} ${word}`, command))
  }

const ofEcho = under("echo")
const ofLife = under("life")

const commands = {
  demo: (argv: Argv) =>
    Effect.flatMap(
      load(() => import("./Demo/Demo.ts")),
      ({ demo }) => only("demo", demo)(argv)
    ).pipe(Output.untilBroken),
  // A server goes on to serve where nobody reads its lines any more.
  serve: (argv: Argv) =>
    Effect.flatMap(
      load(() => import("./Serve/Serve.ts")),
      ({ serve }) => only("serve", serve)(argv)
    ),
  life: (argv: Argv) =>
    Effect.flatMap(
      load(() => import("./Life/Life.ts")),
      ({ life }) => only("life", life)(argv)
    ).pipe(Output.untilBroken),
  patterns: (argv: Argv) =>
    Effect.flatMap(
      load(() => import("./Patterns/Patterns.ts")),
      ({ patterns }) => ofLife("patterns", patterns)(argv)
    ).pipe(Output.untilBroken),
  recordGame: (argv: Argv) =>
    Effect.flatMap(
      load(() => import("./Recording/Record.ts")),
      ({ record }) => ofLife("record", record)(argv)
    ).pipe(Output.untilBroken),
  replay: (argv: Argv) =>
    Effect.flatMap(
      load(() => import("./Recording/Replay.ts")),
      ({ replay }) => ofLife("replay", replay)(argv)
    ).pipe(Output.untilBroken),
  echo: (argv: Argv) =>
    Effect.flatMap(
      load(() => import("./Echo/Echo.ts")),
      ({ echo }) => only("echo", echo)(argv)
    ).pipe(Output.untilBroken),
  compare: (argv: Argv) =>
    Effect.flatMap(
      load(() => import("./Echo/Compare/Compare.ts")),
      ({ compare }) => ofEcho("compare", compare)(argv)
    ).pipe(Output.untilBroken),
  import: (argv: Argv) =>
    Effect.flatMap(
      load(() => import("./Echo/Import/Import.ts")),
      ({ importScript }) => ofEcho("import", importScript)(argv)
    ).pipe(Output.untilBroken),
  record: (argv: Argv) =>
    Effect.flatMap(
      load(() => import("./Echo/Record/Record.ts")),
      ({ record }) => ofEcho("record", record)(argv)
    ).pipe(Output.untilBroken),
  // An agent goes on to work where nobody reads its lines any more.
  agent: (argv: Argv) =>
    Effect.flatMap(
      load(() => import("./Echo/Agents/Agent.ts")),
      ({ agent }) => ofEcho("agent", agent)(argv)
    )
}

/** What completions and the wizard go through. */
const all = async () => {
  const [{ demo }, { serve }, { life }, { patterns }, game, { replay }] = await Promise.all([
    import("./Demo/Demo.ts"),
    import("./Serve/Serve.ts"),
    import("./Life/Life.ts"),
    import("./Patterns/Patterns.ts"),
    import("./Recording/Record.ts"),
    import("./Recording/Replay.ts")
  ])
  const [{ echo }, { compare }, { importScript }, { record }, { agent }] = await Promise.all([
    import("./Echo/Echo.ts"),
    import("./Echo/Compare/Compare.ts"),
    import("./Echo/Import/Import.ts"),
    import("./Echo/Record/Record.ts"),
    import("./Echo/Agents/Agent.ts")
  ])
  return Command.run(
    Command.withSubcommands(root, [
      demo,
      serve,
      Command.withSubcommands(life, [patterns, game.record, replay]),
      Command.withSubcommands(echo, [compare, importScript, record, agent])
    ]),
    about
  )
}

const names = ["demo", "serve", "life", "echo"] as const
const lifeNames = { patterns: "patterns", record: "recordGame", replay: "replay" } as const
const echoNames = ["compare", "import", "record", "agent"] as const

type Name = keyof typeof commands

/** The command that is meant: the first word, before its options. */
const commandOf = (given: Argv): Either.Either<Name | undefined, UserError> => {
  const at = given.findIndex((text) => !text.startsWith("-") && !logLevels.includes(text))
  const word = given[at]
  if (word === undefined) return Either.right(undefined)
  const name = names.find((each) => each === word)
  if (name === undefined && at > 0) return Either.left(Usage.commandComesFirst())
  if (name === undefined) return Either.left(Usage.unknownCommand(word, names))
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

/** What some options stand for without a value: @effect/cli has no options whose value may be left out. */
const alone: Readonly<Record<string, string>> = { "--json": "-", "--ui": "8090" }

const withTargets = (argv: Argv): Argv =>
  argv.flatMap((text, index) => {
    const following = argv[index + 1]
    const isAlone = following === undefined || (following.startsWith("-") && following !== "-")
    const value = alone[text]
    return value !== undefined && isAlone ? [text, value] : [text]
  })

/** What `--log-level` takes, before the command as well as behind it. */
const logLevels: ReadonlyArray<string> = ["all", "trace", "debug", "info", "warning", "error", "fatal", "none"]

export const run = Effect.fn("Cli.run")(function* (argv: Argv) {
  const given = argv.slice(2)
  if (given.some((text) => text === "--completions" || text === "--wizard")) {
    return yield* Effect.mapError((yield* load(all))(argv), Usage.explain("", root))
  }
  const name = yield* commandOf(given)
  if (name === undefined) return yield* Effect.mapError(outline(argv), Usage.explain("", root))
  return yield* commands[name](withTargets(argv))
})
