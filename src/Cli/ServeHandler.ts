import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RelayServer from "../Server/RelayServer.ts"
import { ServerConsole } from "../Server/ServerConsole.ts"
import { WebSocketServer } from "../WebSocket/WebSocketServer.ts"
import * as LibraryOffer from "./LibraryOffer.ts"
import { UserError } from "./UserError.ts"

export interface ServeOptions {
  readonly host: string
  readonly port: number
}

/** `http://` and the host as a browser takes it. */
export const addressOf = ({ host, port }: ServeOptions): string =>
  `http://${host.includes(":") ? `[${host}]` : host}:${port}/`

export const checkPort = (port: number): Effect.Effect<void, UserError> =>
  port >= 0 && port <= 65535
    ? Effect.void
    : Effect.fail(new UserError({ message: `port ${port} is out of range: expected 0 to 65535` }))

const announce = Layer.effectDiscard(
  Effect.flatMap(WebSocketServer, (server) => Console.log(`Listening on ${addressOf(server)}`))
)

export const run = Effect.fn("serve")(function* (options: ServeOptions) {
  yield* checkPort(options.port)
  return yield* announce.pipe(
    Layer.provide(RelayServer.layer(options)),
    Layer.provide(LibraryOffer.layer({ hasControl: false })),
    Layer.provide(ServerConsole.layer),
    Layer.launch,
    Effect.catchTag("ListenError", (error) => new UserError({ message: error.message }))
  )
})
