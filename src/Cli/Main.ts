/** Runs the command line in this process: handles signals, prints an error in one line, and sets the exit status. */
import * as CliConfig from "@effect/cli/CliConfig"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Cli from "./Cli.ts"
import { hasColours } from "./Colours.ts"
import * as ExitStatus from "./ExitStatus.ts"
import * as Output from "./Output.ts"
import { listen, Signals } from "./Signals.ts"

/** An error has a message of one line for the user. A defect is a fault of the program, so it is printed with its stack. */
const textOf = (cause: Cause.Cause<{ readonly message: string }>): string =>
  Option.match(Cause.failureOption(cause), {
    onSome: ({ message }) => `effect-c10k: ${message}`,
    onNone: () => Cause.pretty(cause)
  })

const report = (cause: Cause.Cause<{ readonly message: string }>) =>
  Cause.isInterruptedOnly(cause) || Cause.squash(cause) instanceof ExitStatus.EndWith
    ? Effect.void
    : Output.note(textOf(cause))

/** The services that the command line itself needs. The whole `NodeContext` would make the start slower. */
const environment = Layer.mergeAll(
  NodeFileSystem.layer,
  NodePath.layer,
  NodeTerminal.layer,
  Output.Output.layer,
  // The log of the commands that do not choose a log format.
  Logger.replace(Logger.defaultLogger, Logger.prettyLogger({ stderr: true, colors: hasColours(process.stderr) })),
  CliConfig.layer({ showBuiltIns: false })
)

/** @effect/cli prints errors too. This program prints them in one line. */
const withoutErrors = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Console.consoleWith((current) => Console.withConsole(effect, { ...current, error: () => Effect.void }))

/** Like `NodeRuntime.runMain`, but `Signals.ts` handles all signals. */
export const main = (): void => {
  let interrupt = () => {}
  const signals = listen(() => interrupt())
  const keepAlive = setInterval(() => {}, 2 ** 31 - 1)
  const fiber = Cli.run(process.argv).pipe(
    withoutErrors,
    Effect.tapErrorCause(report),
    Effect.provide(environment),
    Effect.provideService(Signals, signals),
    Effect.runFork
  )
  interrupt = () => fiber.unsafeInterruptAsFork(fiber.id())
  fiber.addObserver((exit) => {
    clearInterval(keepAlive)
    const signal = signals.unsafeFirst()
    process.exitCode = ExitStatus.of(exit, signal)
    // A program that failed or got a signal ends now, even if a timer or a socket still keeps the event loop alive.
    if (process.exitCode !== 0 || signal !== undefined) process.exit()
  })
}
