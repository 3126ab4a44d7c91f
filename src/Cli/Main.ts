/** Runs the command line in this process: signals, errors in one line, exit status. */
import * as CliConfig from "@effect/cli/CliConfig"
import * as ValidationError from "@effect/cli/ValidationError"
import type { Teardown } from "@effect/platform/Runtime"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Cli from "./Cli.ts"
import { withPlainConsole } from "./PlainConsole.ts"
import { UserError } from "./UserError.ts"

/** What shells give for a program that Ctrl-C ended. */
const INTERRUPTED = 130

let interrupted = false
process.once("SIGINT", () => {
  interrupted = true
})

const statusOf = (exit: Exit.Exit<unknown, unknown>): number => {
  if (Exit.isSuccess(exit)) return 0
  if (Cause.isInterruptedOnly(exit.cause)) return interrupted ? INTERRUPTED : 0
  const error = Cause.squash(exit.cause)
  return error instanceof UserError ? (error.exitStatus ?? 1) : 1
}

const report = (cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Effect.sync(() => {
    if (Cause.isInterruptedOnly(cause)) return
    const error = Cause.squash(cause)
    // The command line itself has told what is wrong with the usage.
    if (ValidationError.isValidationError(error)) return
    const text = error instanceof UserError ? `effect-c10k: ${error.message}` : Cause.pretty(cause)
    process.stderr.write(`${text}\n`)
  })

const teardown: Teardown = (exit, onExit) => onExit(statusOf(exit))

/** What the command line itself needs; more (`NodeContext`) would only start slower. */
const environment = Layer.mergeAll(
  NodeFileSystem.layer,
  NodePath.layer,
  NodeTerminal.layer,
  CliConfig.layer({ showBuiltIns: false })
)

export const main = (): void =>
  Cli.run(process.argv).pipe(
    withPlainConsole,
    Effect.tapErrorCause(report),
    Effect.provide(environment),
    NodeRuntime.runMain({ disableErrorReporting: true, teardown })
  )
