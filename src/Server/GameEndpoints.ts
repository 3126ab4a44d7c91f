/** The WebSocket paths of protocol 0: `/worker/`, `/watcher/`, `/reset/`. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CloseReason } from "../Protocol/CloseReason.ts"
import * as Protocol0 from "../Protocol/Protocol0.ts"
import { subprotocol } from "../Protocol/WatchProtocol.ts"
import type { Connection } from "../WebSocket/Connection/Connection.ts"
import { Deadlines } from "../WebSocket/Connection/Deadlines.ts"
import type { Message } from "../WebSocket/Frames/Message.ts"
import { relay as endpoint } from "../WebSocket/Http/WebSocketRouter.ts"
import { Game, tooLate } from "./Game/Game.ts"
import { ServerConfig } from "./ServerConfig.ts"
import { Watch } from "./Watch/Watch.ts"

/** Bytes of the longest message that a worker or a reset may send, generously. */
const MESSAGE = 128

const worker = Layer.unwrapEffect(
  Effect.map(Effect.all([Game, ServerConfig]), ([game, config]) =>
    endpoint("/worker/", {
      role: "worker",
      needsToken: true,
      open: (connection) => game.unsafeJoin(connection),
      maxPayload: MESSAGE,
      maxQueued: config.workerQueue
    })
  )
)

const watcher = Layer.unwrapEffect(
  Effect.map(Effect.all([Watch, ServerConfig]), ([watch, config]) =>
    endpoint("/watcher/", {
      role: "watcher",
      open: (connection, { protocol }) =>
        protocol === undefined ? watch.unsafeWatch(connection) : watch.unsafeFollow(connection),
      protocols: [subprotocol],
      maxPayload: MESSAGE,
      maxQueued: config.watcherQueue
    })
  )
)

const reset = Layer.unwrapScoped(
  Effect.gen(function* () {
    const game = yield* Game
    const { firstMessageTimeout } = yield* ServerConfig
    const silent = yield* Deadlines.make<Connection>(firstMessageTimeout, tooLate)
    return endpoint("/reset/", {
      role: "reset",
      needsToken: true,
      open: (connection) => {
        silent.add(connection)
        return {
          onMessage: (message) => {
            silent.delete(connection)
            unsafeReset(game, connection, message)
          },
          onClose: () => silent.delete(connection)
        }
      },
      maxPayload: MESSAGE
    })
  })
)

const unsafeReset = (game: Context.Tag.Service<Game>, connection: Connection, message: Message): void => {
  const asked = typeof message === "string" ? Protocol0.parseReset(message) : undefined
  if (asked === undefined) {
    connection.close(CloseReason.BadSize.code, CloseReason.BadSize.reason)
  } else if (asked.width * asked.height > game.maxCells) {
    connection.close(CloseReason.BadSize.code, `at most ${game.maxCells} cells`)
  } else {
    game.unsafeReset(asked, () => connection.close())
  }
}

export const layer = Layer.mergeAll(worker, watcher, reset)
