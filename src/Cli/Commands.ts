/** The commands of the program. The options and the handler of a command are loaded when it is used. */
import { stripVTControlCharacters } from "node:util"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Effect from "effect/Effect"
import { about } from "./About.ts"
import * as Flag from "./Flag.ts"
import * as Output from "./Output.ts"
import * as Usage from "./Usage.ts"
import { UserError } from "./UserError.ts"

type Argv = ReadonlyArray<string>

interface Parts<I extends Flag.Inputs, R, E> {
  /** What the user types: `life record`. */
  readonly words: string
  /** The command in one line. */
  readonly description: string
  readonly options: () => Promise<{ readonly options: I }>
  readonly handler: () => Promise<{ readonly run: (given: Flag.Given<I>) => Effect.Effect<void, E, R> }>
  /** Whether it goes on when its output is closed: a server, an agent, and `echo`, which still has to write its files. */
  readonly outlivesOutput?: boolean
}

/** An invalid value. Its text is the message of the option's kind (`Flag.ts`). */
const textOf = (doc: HelpDoc.HelpDoc): string =>
  stripVTControlCharacters(HelpDoc.toAnsiText(doc)).replace(/\s+/g, " ").trim()

const explain = <F>(error: F): Exclude<F, ValidationError.ValidationError> | UserError =>
  ValidationError.isValidationError(error)
    ? UserError.of(textOf(error.error))
    : (error as Exclude<F, ValidationError.ValidationError>)

const make = <I extends Flag.Inputs, R, E>(parts: Parts<I, R, E>) => {
  const { description, handler, options, outlivesOutput = false, words } = parts
  /** Runs the command with what follows its words. `levels` is `--log-level LEVEL`, if it was given. */
  const run = Effect.fnUntraced(function* (given: Argv, levels: Argv) {
    const declared = (yield* Effect.promise(options)).options
    const arranged = yield* Usage.arrange({ words, inputs: Object.values(declared) }, given)
    const command = Command.make(words.split(" ").at(-1) ?? words, Flag.config(declared), (values) =>
      // `Flag.config` makes a parser for each input under the input's key, so these are the values of the inputs.
      Effect.flatMap(Effect.promise(handler), (loaded) => loaded.run(values as Flag.Given<I>))
    )
    const start = Command.run(command, about)
    return yield* Effect.mapError(start(["node", about.name, ...levels, ...arranged]), explain)
  })
  return {
    words,
    description,
    declaration: async (): Promise<Flag.Declaration> => ({ words, inputs: Object.values((await options()).options) }),
    run: (given: Argv, levels: Argv) => (outlivesOutput ? run(given, levels) : Output.untilBroken(run(given, levels)))
  }
}

export const commands = {
  demo: make({
    words: "demo",
    description: "Run a server and a game in one command, and watch and control the game in a browser",
    options: () => import("./Demo/DemoOptions.ts"),
    handler: () => import("./Demo/DemoHandler.ts")
  }),
  serve: make({
    words: "serve",
    description: "Run the relay server and its pages",
    options: () => import("./Serve/ServeOptions.ts"),
    handler: () => import("./Serve/ServeHandler.ts"),
    outlivesOutput: true
  }),
  life: make({
    words: "life",
    description: "Play the Game of Life on a relay server: every cell is a WebSocket client",
    options: () => import("./Life/LifeOptions.ts"),
    handler: () => import("./Life/LifeHandler.ts")
  }),
  patterns: make({
    words: "life patterns",
    description: "List the pattern library",
    options: async () => ({ options: {} }),
    handler: async () => {
      const { list } = await import("./Patterns/PatternsHandler.ts")
      return { run: () => list }
    }
  }),
  show: make({
    words: "life patterns show",
    description: "Draw a pattern of the library in the terminal, with its period, speed and author",
    options: async () => ({
      options: { name: Flag.argument("name", "The pattern's name, as `life patterns` lists it.", "pattern") }
    }),
    handler: async () => ({ run: (await import("./Patterns/PatternsHandler.ts")).show })
  }),
  recordGame: make({
    words: "life record",
    description: "Record a server's game to a file, from the oldest step that the server keeps until the game ends",
    options: () => import("./Recording/RecordOptions.ts"),
    handler: () => import("./Recording/RecordHandler.ts")
  }),
  replay: make({
    words: "life replay",
    description: "Show a recorded game on a page, write one of its steps, or check it",
    options: () => import("./Recording/ReplayOptions.ts"),
    handler: () => import("./Recording/ReplayHandler.ts")
  }),
  echo: make({
    words: "echo",
    description: "Load-test a WebSocket server with clients that check every reply, and report the results",
    options: () => import("./Echo/EchoOptions.ts"),
    handler: () => import("./Echo/EchoHandler.ts"),
    outlivesOutput: true
  }),
  compare: make({
    words: "echo compare",
    description: "Compare two runs of echo figure by figure, and mark the differences that are more than chance",
    options: () => import("./Echo/Compare/CompareOptions.ts"),
    handler: () => import("./Echo/Compare/CompareHandler.ts")
  }),
  import: make({
    words: "echo import",
    description: "Make a scenario of a script of k6 or Artillery, or of a recording of the browser, on standard output",
    options: () => import("./Echo/Import/ImportOptions.ts"),
    handler: () => import("./Echo/Import/ImportHandler.ts")
  }),
  record: make({
    words: "echo record",
    description: "Record the messages between a client and a server as a scenario, with a proxy between them",
    options: () => import("./Echo/Record/RecordOptions.ts"),
    handler: () => import("./Echo/Record/RecordHandler.ts")
  }),
  agent: make({
    words: "echo agent",
    description: "Run a share of the load of `echo --agents`, usually on another machine",
    options: () => import("./Echo/Agents/AgentOptions.ts"),
    handler: () => import("./Echo/Agents/AgentHandler.ts"),
    outlivesOutput: true
  }),
  doctor: make({
    words: "doctor",
    description: "Report how many connections this machine can hold, and how to raise its limits",
    options: () => import("./Doctor/DoctorOptions.ts"),
    handler: () => import("./Doctor/DoctorHandler.ts")
  })
}

export const DESCRIPTION =
  "A WebSocket relay server, a Game of Life in which every cell is a WebSocket client, and a load tester that checks every reply."

export type Name = keyof typeof commands

export const names = Object.keys(commands) as ReadonlyArray<Name>

export const named = (typed: string): Name | undefined => names.find((name) => commands[name].words === typed)

/** The next word of the commands under `parent`: `patterns`, `record` and `replay` under `life`. "" is the program. */
export const wordsUnder = (parent: string): ReadonlyArray<string> => {
  const depth = parent === "" ? 0 : parent.split(" ").length
  const under = names.map((name) => commands[name].words).filter((typed) => !parent || typed.startsWith(`${parent} `))
  return [...new Set(under.map((typed) => typed.split(" ")[depth]!))]
}
