import * as Flag from "../../Flag.ts"

export const options = {
  url: Flag.argument(
    "url",
    "The server: ws:// or wss://. If a client asks for another path, the proxy connects to this path of the server."
  ),
  listen: Flag.text("listen", "ADDRESS", "Where the proxy listens for clients, as PORT or HOST:PORT.").pipe(
    Flag.withDefault("8091", "127.0.0.1:8091")
  ),
  output: Flag.text(
    "output",
    "FILE",
    "File for the scenario of the first connection. The second connection has NAME-2, and so on. Each message is written when it comes."
  ).pipe(Flag.withAlias("o")),
  ca: Flag.optionalText("ca", "FILE", "Certificates (PEM) to trust instead of those of the system.")
}

export type RecordOptions = Flag.Given<typeof options>
