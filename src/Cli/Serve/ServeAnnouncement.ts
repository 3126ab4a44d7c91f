/** Reports to the console and the service manager when the server begins to accept clients, and when it stops. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { ServerConsole } from "../../Server/Operations/ServerConsole.ts"
import type { ServerSettings } from "../../Server/ServerConfig.ts"
import * as Authority from "../../Text/Authority.ts"

/**
 * Notifies systemd that a service of `Type=notify` is ready or stops. Node has no Unix datagram sockets, so the program
 * `systemd-notify` sends the message, and the unit needs `NotifyAccess=all`. Does nothing if there is no service manager
 * (`NOTIFY_SOCKET` is not set). A failure is only logged.
 */
const notify = Effect.fn("ServeAnnouncement.notify")(
  function* (state: "READY=1" | "STOPPING=1") {
    const socket = yield* Config.option(Config.string("NOTIFY_SOCKET"))
    if (Option.isNone(socket)) return
    const { run } = yield* Effect.promise(() => import("./SystemdCommand.ts"))
    const status = yield* run(state)
    if (status !== 0) yield* Effect.logWarning(`systemd-notify ${state} failed with status ${status}`)
  },
  Effect.catchAll((error) => {
    const isMissing = "reason" in error && error.reason === "NotFound"
    const reason = isMissing ? "the program systemd-notify is missing" : error.message
    return Effect.logWarning(`systemd was not notified: ${reason}`)
  })
)

/** The server's URL for a browser. */
export const addressOf = (host: string, port: number, secure = false): string =>
  `${secure ? "https" : "http"}://${Authority.format({ host, port })}/`

export const listening = Effect.fn("ServeAnnouncement.listening")(function* (
  { certificate, host }: ServerSettings,
  port: number
) {
  const console = yield* ServerConsole
  console.unsafeLine(`Listening on ${addressOf(host, port, certificate !== undefined)}`)
  yield* notify("READY=1")
})

export const stopping = notify("STOPPING=1")
