import * as NodeCommandExecutor from "@effect/platform-node/NodeCommandExecutor"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { isLocal } from "../../Server/Access/Admission.ts"
import * as LogFormat from "../../Server/Operations/LogFormat.ts"
import { ServerConsole } from "../../Server/Operations/ServerConsole.ts"
import * as RelayServer from "../../Server/RelayServer.ts"
import type { ServerSettings } from "../../Server/ServerConfig.ts"
import { WebSocketServer } from "../../WebSocket/Api/WebSocketServer.ts"
import { EndWith } from "../ExitStatus.ts"
import { type Signal, Signals, statusOf } from "../Signals.ts"
import * as LibraryOffer from "./LibraryOffer.ts"
import * as ServeLogs from "./ServeLogs.ts"
import type { ServeOptions } from "./ServeOptions.ts"
import { isInsecure, settingsOf } from "./ServeSettings.ts"
import * as SystemdNotify from "./SystemdNotify.ts"

/** `http://` or `https://` and the host as a browser takes it. */
export const addressOf = (host: string, port: number, secure = false): string =>
  `${secure ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}/`

/** Tells that clients may come and, at the end, that no more may. */
const announce = ({ certificate }: ServerSettings) =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const { host, port } = yield* WebSocketServer
      const console = yield* ServerConsole
      console.unsafeLine(`Listening on ${addressOf(host, port, certificate !== undefined)}`)
      yield* Effect.addFinalizer(() => SystemdNotify.notify("STOPPING=1"))
      yield* SystemdNotify.notify("READY=1")
    })
  )

const warning =
  "Anyone who reaches this server may start games and take part in them: set a token (--token-file), or say that this is meant (--insecure)"

const consoleOf = ({ logFormat, quiet }: ServeOptions) =>
  quiet ? ServerConsole.layerSilent : logFormat === "json" ? ServerConsole.layerLog : ServerConsole.layer

/**
 * Serves until the first signal, then sends the clients away; a second signal ends the program at once. SIGTERM is
 * how service managers end a server whose work is done.
 */
const untilSignal = Effect.fn("serve.untilSignal")(function* <E, R>(server: Effect.Effect<never, E, R>) {
  const { handle } = yield* Signals
  const signalled = yield* Deferred.make<Signal>()
  yield* handle(1, (_, signal) => Deferred.succeed(signalled, signal))
  const signal = yield* Effect.raceFirst(server, Deferred.await(signalled))
  if (signal !== "SIGTERM") return yield* new EndWith({ status: statusOf[signal] })
})

export const run = Effect.fn("serve")(
  function* (options: ServeOptions) {
    const settings = yield* settingsOf(options)
    const logs = yield* ServeLogs.layerOf(options)
    const isOpen = settings.token === undefined && !isLocal(settings.host)
    const isWarned = isOpen && !(yield* isInsecure(options))
    yield* announce(settings).pipe(
      Layer.provide(RelayServer.layer(settings, Layer.empty, logs)),
      Layer.provide(LibraryOffer.layer({ hasControl: false })),
      Layer.provide(consoleOf(options)),
      Layer.launch,
      (server) => Effect.zipRight(isWarned ? Effect.logWarning(warning) : Effect.void, server),
      LogFormat.withFormat(options.logFormat),
      options.quiet ? Logger.withMinimumLogLevel(LogLevel.Warning) : identity,
      untilSignal
    )
  },
  Effect.scoped,
  Effect.provide(NodeCommandExecutor.layer)
)
