import * as Args from "@effect/cli/Args"
import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"

/** The options of `life record`. */
export const options = {
  file: Args.text({ name: "file" }).pipe(Args.withDescription("Where the recording goes.")),
  url: Options.text("url").pipe(
    Options.withDescription("The relay server, started with --history."),
    Options.withDefault("ws://localhost:8000")
  ),
  untilNow: Options.boolean("until-now").pipe(
    Options.withDescription("Only what the server has kept of the game; not what comes.")
  ),
  quiet: Options.boolean("quiet").pipe(Options.withAlias("q"), Options.withDescription("No progress, no summary."))
}

export type RecordOptions = Command.Command.ParseConfig<typeof options>
