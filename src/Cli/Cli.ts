/**
 * The command line. A command is loaded when it is named, its program when it runs: so `--help` is there at once, and
 * the list of commands is a list, not every option of all of them.
 */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { about } from "./About.ts"
import { descriptions } from "./Descriptions.ts"

const root = Command.make("effect-c10k").pipe(
  Command.withDescription("A WebSocket relay server, a Game of Life of WebSocket clients, and a checking load tester")
)

const outlineOf = (name: keyof typeof descriptions) =>
  Command.make(name).pipe(Command.withDescription(descriptions[name]))

const load = <A>(module: () => Promise<A>) => Effect.promise(module)

/** The commands by name only. */
const outline = Command.run(
  Command.withSubcommands(root, [
    outlineOf("demo"),
    outlineOf("serve"),
    Command.withSubcommands(outlineOf("life"), [outlineOf("patterns")]),
    outlineOf("echo")
  ]),
  about
)

const only = <Name extends string, R, E, A>(command: Command.Command<Name, R, E, A>) =>
  Command.run(Command.withSubcommands(root, [command]), about)

type Argv = ReadonlyArray<string>

const commands = {
  demo: (argv: Argv) =>
    Effect.flatMap(
      load(() => import("./Demo/Demo.ts")),
      ({ demo }) => only(demo)(argv)
    ),
  serve: (argv: Argv) =>
    Effect.flatMap(
      load(() => import("./Serve/Serve.ts")),
      ({ serve }) => only(serve)(argv)
    ),
  life: (argv: Argv) =>
    Effect.flatMap(
      load(() => import("./Life/Life.ts")),
      ({ life }) => only(life)(argv)
    ),
  patterns: (argv: Argv) =>
    Effect.flatMap(
      load(() => import("./Patterns/Patterns.ts")),
      ({ patterns }) => only(Command.withSubcommands(Command.make("life"), [patterns]))(argv)
    ),
  echo: (argv: Argv) =>
    Effect.flatMap(
      load(() => import("./Echo/Echo.ts")),
      ({ echo }) => only(echo)(argv)
    )
}

/** What completions and the wizard go through. */
const all = async () => {
  const [{ demo }, { serve }, { life }, { patterns }, { echo }] = await Promise.all([
    import("./Demo/Demo.ts"),
    import("./Serve/Serve.ts"),
    import("./Life/Life.ts"),
    import("./Patterns/Patterns.ts"),
    import("./Echo/Echo.ts")
  ])
  return Command.run(
    Command.withSubcommands(root, [demo, serve, Command.withSubcommands(life, [patterns]), echo]),
    about
  )
}

const isName = (text: string): text is keyof typeof commands => Object.hasOwn(commands, text)

export const run = Effect.fn("Cli.run")(function* (argv: Argv) {
  const given = argv.slice(2)
  if (given.some((text) => text === "--completions" || text === "--wizard")) return yield* (yield* load(all))(argv)
  const at = given.findIndex(isName)
  const name = given[at] === "life" && given[at + 1] === "patterns" ? "patterns" : given[at]
  if (name === undefined || !isName(name)) return yield* outline(argv)
  return yield* commands[name](argv)
})
