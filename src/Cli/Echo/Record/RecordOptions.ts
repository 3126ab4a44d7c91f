import * as Args from "@effect/cli/Args"
import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"

export const options = {
  url: Args.text({ name: "url" }).pipe(
    Args.withDescription("The server, ws:// or wss://. A client that asks for a path of its own gets that path of it.")
  ),
  listen: Options.text("listen").pipe(
    Options.withDescription("Where clients connect in its place: PORT, or HOST:PORT. 127.0.0.1:8091 unless given."),
    Options.withDefault("8091")
  ),
  output: Options.text("output").pipe(
    Options.withDescription(
      "File for the scenario of the first connection; the second one's is NAME-2, and so on. Written as it goes."
    ),
    Options.withAlias("o")
  ),
  ca: Options.text("ca").pipe(
    Options.withDescription("File with certificates (PEM) to trust instead of the system's."),
    Options.optional
  )
}

export type RecordOptions = Command.Command.ParseConfig<typeof options>
