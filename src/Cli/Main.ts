/** Runs the command line in this process: signals, errors in one line, exit status. */
import * as CliConfig from "@effect/cli/CliConfig"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Cli from "./Cli.ts"
import { hasColours } from "./Colours.ts"
import * as ExitStatus from "./ExitStatus.ts"
import * as Output from "./Output.ts"
import { withPlainConsole } from "./PlainConsole.ts"
import { Signals } from "./Signals.ts"

/** An error has a message that tells the user, in a line, what to do; a defect is a fault of the program. */
const textOf = (cause: Cause.Cause<{ readonly message: string }>): string =>
  Option.match(Cause.failureOption(cause), {
    onSome: ({ message }) => `effect-c10k: ${message}`,
    onNone: () => Cause.pretty(cause)
  })

const report = (cause: Cause.Cause<{ readonly message: string }>) =>
  Cause.isInterruptedOnly(cause) || Cause.squash(cause) instanceof ExitStatus.EndWith
    ? Effect.void
    : Output.note(textOf(cause))

/** The services that the command line itself needs. All of `NodeContext` would start more slowly. */
const environment = Layer.mergeAll(
  NodeFileSystem.layer,
  NodePath.layer,
  NodeTerminal.layer,
  Output.Output.layer,
  // The log of the commands that have no format of their own for it.
  Logger.replace(Logger.defaultLogger, Logger.prettyLogger({ stderr: true, colors: hasColours(process.stderr) })),
  CliConfig.layer({ showBuiltIns: false })
)

/** As `NodeRuntime.runMain`, with one place for all signals: `Signals.ts`. */
export const main = (): void => {
  let interrupt = () => {}
  const signals = Signals.listen(() => interrupt())
  const keepAlive = setInterval(() => {}, 2 ** 31 - 1)
  const fiber = Cli.run(process.argv).pipe(
    withPlainConsole,
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
    // What still holds the event loop must not keep a program that was told to end, or that failed.
    if (process.exitCode !== 0 || signal !== undefined) process.exit()
  })
}
