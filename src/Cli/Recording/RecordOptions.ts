import * as Args from "@effect/cli/Args"
import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as OptionKinds from "../OptionKinds.ts"

/** The options of `life record`. */
export const options = {
  file: Args.text({ name: "file" }).pipe(Args.withDescription("The file to write.")),
  url: OptionKinds.text(
    "url",
    "URL",
    "The relay server, which must run with --history. (default: ws://localhost:8000)"
  ).pipe(Options.withDefault("ws://localhost:8000")),
  ca: OptionKinds.optionalText(
    "ca",
    "FILE",
    "For wss: URLs: certificates (PEM) to trust instead of those of the system."
  ),
  untilNow: OptionKinds.flag("until-now", "Write what the server has kept until now, and then end."),
  quiet: OptionKinds.flag("quiet", "Write no progress and no summary.").pipe(Options.withAlias("q"))
}

export type RecordOptions = Command.Command.ParseConfig<typeof options>
