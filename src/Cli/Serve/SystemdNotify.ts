/**
 * Tells systemd what a service of `Type=notify` must tell. Node has no Unix datagram sockets, so systemd's own program
 * says it: the unit needs `NotifyAccess=all`.
 */
import * as Command from "@effect/platform/Command"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** Does nothing where no service manager listens. */
export const notify = Effect.fn("SystemdNotify.notify")(
  function* (state: "READY=1" | "STOPPING=1") {
    const socket = yield* Config.option(Config.string("NOTIFY_SOCKET"))
    if (Option.isNone(socket)) return
    const status = yield* Command.exitCode(Command.make("systemd-notify", state))
    if (status !== 0) yield* Effect.logWarning(`systemd-notify ${state} failed with status ${status}`)
  },
  Effect.catchAll((error) => Effect.logWarning(`systemd was not told: ${error.message}`))
)
