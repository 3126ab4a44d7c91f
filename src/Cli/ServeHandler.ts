import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { isLocal } from "../Server/Admission.ts"
import * as LogFormat from "../Server/LogFormat.ts"
import * as RelayServer from "../Server/RelayServer.ts"
import type { ServerSettings } from "../Server/ServerConfig.ts"
import { ServerConsole } from "../Server/ServerConsole.ts"
import { WebSocketServer } from "../WebSocket/WebSocketServer.ts"
import * as LibraryOffer from "./LibraryOffer.ts"
import type { ServeOptions } from "./ServeOptions.ts"
import { isInsecure, settingsOf } from "./ServeSettings.ts"
import { UserError } from "./UserError.ts"

/** `http://` or `https://` and the host as a browser takes it. */
export const addressOf = (host: string, port: number, secure = false): string =>
  `${secure ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}/`

const announce = ({ certificate }: ServerSettings) =>
  Layer.effectDiscard(
    Effect.flatMap(WebSocketServer, ({ host, port }) =>
      Console.log(`Listening on ${addressOf(host, port, certificate !== undefined)}`)
    )
  )

const warning =
  "Anyone who reaches this server may start games and take part in them: set a token (--token-file), or say that this is meant (--insecure)"

export const run = Effect.fn("serve")(function* (options: ServeOptions) {
  const settings = yield* settingsOf(options)
  const isOpen = settings.token === undefined && !isLocal(settings.host)
  const warn = isOpen && !(yield* isInsecure(options)) ? Effect.logWarning(warning) : Effect.void
  return yield* announce(settings).pipe(
    Layer.provide(RelayServer.layer(settings)),
    Layer.provide(LibraryOffer.layer({ hasControl: false })),
    Layer.provide(ServerConsole.layer),
    Layer.launch,
    (server) => Effect.zipRight(warn, server),
    LogFormat.withFormat(options.logFormat),
    Effect.catchTag("ListenError", (error) => new UserError({ message: error.message }))
  )
})
