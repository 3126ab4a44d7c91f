/** The options that `Cli.ts` handles itself: those of every command, and those of the program alone. */
import * as Kind from "../Text/Kind.ts"
import * as Flag from "./Flag.ts"

export const logLevels = ["all", "trace", "debug", "info", "warning", "error", "fatal", "none"] as const

const help = Flag.flag("help", "Show the options of a command.").pipe(Flag.withAlias("h"))

const version = Flag.flag("version", "Show the version.")

const logLevel = Flag.value(
  "log-level",
  Kind.choice(...logLevels).annotations({ title: "LEVEL" }),
  "Log only lines of this level or above: all, trace, debug, info, warning, error, fatal or none."
)

const completions = Flag.value(
  "completions",
  Kind.choice("bash", "zsh", "fish").annotations({ title: "SHELL" }),
  "Write shell completions for bash, zsh or fish. To use them: source <(effect-c10k --completions bash)"
)

export const ofCommands: ReadonlyArray<Flag.Flag<unknown>> = [help, logLevel]

export const ofProgram: ReadonlyArray<Flag.Flag<unknown>> = [help, version, logLevel, completions]
