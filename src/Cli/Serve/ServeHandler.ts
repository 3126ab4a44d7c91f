import * as NodeCommandExecutor from "@effect/platform-node/NodeCommandExecutor"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { isLocal } from "../../Server/Access/Admission.ts"
import * as LogFormat from "../../Server/Operations/LogFormat.ts"
import { ServerConsole } from "../../Server/Operations/ServerConsole.ts"
import * as RelayServer from "../../Server/RelayServer.ts"
import type { ServerSettings } from "../../Server/ServerConfig.ts"
import { WebSocketServer } from "../../WebSocket/Api/WebSocketServer.ts"
import * as Interrupts from "../Interrupts.ts"
import { UserError } from "../UserError.ts"
import * as LibraryOffer from "./LibraryOffer.ts"
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

/** The first signal interrupts the program, which then sends its clients away; another ends it there and then. */
const endAtSecondSignal = Interrupts.listen((count, signal) =>
  count < 2 ? Effect.void : Effect.sync(() => process.exit(signal === "SIGINT" ? 130 : 143))
)

export const run = Effect.fn("serve")(
  function* (options: ServeOptions) {
    const settings = yield* settingsOf(options)
    const isOpen = settings.token === undefined && !isLocal(settings.host)
    const isWarned = isOpen && !(yield* isInsecure(options))
    yield* endAtSecondSignal
    return yield* announce(settings).pipe(
      Layer.provide(RelayServer.layer(settings)),
      Layer.provide(LibraryOffer.layer({ hasControl: false })),
      Layer.provide(options.logFormat === "json" ? ServerConsole.layerLog : ServerConsole.layer),
      Layer.launch,
      (server) => Effect.zipRight(isWarned ? Effect.logWarning(warning) : Effect.void, server),
      LogFormat.withFormat(options.logFormat),
      Effect.catchTag("ListenError", (error) => new UserError({ message: error.message }))
    )
  },
  Effect.scoped,
  Effect.provide(NodeCommandExecutor.layer)
)
