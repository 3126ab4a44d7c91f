import * as Flag from "../Flag.ts"

export const options = {
  file: Flag.argument("file", "The file to write.", "file"),
  url: Flag.text("url", "URL", "The relay server, which must run with --history.").pipe(
    Flag.withDefault("ws://localhost:8000")
  ),
  ca: Flag.optionalText("ca", "FILE", "For wss: URLs: certificates (PEM) to trust instead of those of the system."),
  untilNow: Flag.flag("until-now", "Write what the server has kept until now, and then end."),
  quiet: Flag.flag("quiet", "Write no progress and no summary.").pipe(Flag.withAlias("q"))
}

export type RecordOptions = Flag.Given<typeof options>
