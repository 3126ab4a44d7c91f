/** Tells the console and the service manager when the server begins to accept clients, and when it stops. */
import * as Effect from "effect/Effect"
import { ServerConsole } from "../../Server/Operations/ServerConsole.ts"
import type { ServerSettings } from "../../Server/ServerConfig.ts"
import * as Authority from "../../Text/Authority.ts"
import * as SystemdNotify from "./SystemdNotify.ts"

/** The server's URL for a browser. */
export const addressOf = (host: string, port: number, secure = false): string =>
  `${secure ? "https" : "http"}://${Authority.format({ host, port })}/`

export const listening = Effect.fn("ServeAnnouncement.listening")(function* (
  { certificate, host }: ServerSettings,
  port: number
) {
  const console = yield* ServerConsole
  console.unsafeLine(`Listening on ${addressOf(host, port, certificate !== undefined)}`)
  yield* SystemdNotify.notify("READY=1")
})

export const stopping = SystemdNotify.notify("STOPPING=1")
