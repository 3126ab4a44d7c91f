/**
 * Tells systemd that a service of `Type=notify` is ready or stops. Node has no Unix datagram sockets, so the program
 * `systemd-notify` sends the message, and the unit needs `NotifyAccess=all`.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** Does nothing if there is no service manager (`NOTIFY_SOCKET` is not set). A failure is only logged. */
export const notify = Effect.fn("SystemdNotify.notify")(
  function* (state: "READY=1" | "STOPPING=1") {
    const socket = yield* Config.option(Config.string("NOTIFY_SOCKET"))
    if (Option.isNone(socket)) return
    const { run } = yield* Effect.promise(() => import("./SystemdCommand.ts"))
    const status = yield* run(state)
    if (status !== 0) yield* Effect.logWarning(`systemd-notify ${state} failed with status ${status}`)
  },
  Effect.catchAll((error) => Effect.logWarning(`systemd was not told: ${error.message}`))
)
