import * as Args from "@effect/cli/Args"
import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as OptionKinds from "../../OptionKinds.ts"

export const options = {
  url: Args.text({ name: "url" }).pipe(
    Args.withDescription(
      "The server: ws:// or wss://. If a client asks for another path, the proxy connects to this path of the server."
    )
  ),
  listen: OptionKinds.text(
    "listen",
    "ADDRESS",
    "Where the proxy listens for clients, as PORT or HOST:PORT. (default: 127.0.0.1:8091)"
  ).pipe(Options.withDefault("8091")),
  output: OptionKinds.text(
    "output",
    "FILE",
    "File for the scenario of the first connection. The second connection has NAME-2, and so on. Each message is written when it comes."
  ).pipe(Options.withAlias("o")),
  ca: OptionKinds.optionalText("ca", "FILE", "Certificates (PEM) to trust instead of those of the system.")
}

export type RecordOptions = Command.Command.ParseConfig<typeof options>
