/** The WebSocket paths of protocol 0: `/worker/`, `/watcher/`, `/reset/`. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CloseReason } from "../Protocol/CloseReason.ts"
import * as Protocol0 from "../Protocol/Protocol0.ts"
import { subprotocol } from "../Protocol/WatchProtocol.ts"
import { relay as endpoint } from "../WebSocket/WebSocketRouter.ts"
import { Game } from "./Game.ts"
import { Watch } from "./Watch.ts"

/** Bytes held for a watcher of protocol 0 that reads slowly: some turns of a large grid. */
const WATCHER_QUEUE = 16 * 1024 * 1024
/** Bytes held for a worker that reads slowly: many steps of its neighbours. */
const WORKER_QUEUE = 1024 * 1024
/** Bytes of the longest message that a worker or a reset may send, generously. */
const MESSAGE = 128

const worker = Layer.unwrapEffect(
  Effect.map(Game, (game) =>
    endpoint("/worker/", {
      open: (connection) => game.unsafeJoin(connection),
      maxPayload: MESSAGE,
      maxQueued: WORKER_QUEUE
    })
  )
)

const watcher = Layer.unwrapEffect(
  Effect.map(Watch, (watch) =>
    endpoint("/watcher/", {
      open: (connection, { protocol }) =>
        protocol === undefined ? watch.unsafeWatch(connection) : watch.unsafeFollow(connection),
      protocols: [subprotocol],
      maxPayload: MESSAGE,
      maxQueued: WATCHER_QUEUE
    })
  )
)

const reset = Layer.unwrapEffect(
  Effect.map(Game, (game) =>
    endpoint("/reset/", {
      open: (connection) => ({
        onMessage: (message) => {
          const asked = typeof message === "string" ? Protocol0.parseReset(message) : undefined
          if (asked === undefined) {
            connection.close(CloseReason.BadSize.code, CloseReason.BadSize.reason)
          } else if (asked.width * asked.height > game.maxCells) {
            connection.close(CloseReason.BadSize.code, `at most ${game.maxCells} cells`)
          } else {
            game.unsafeReset(asked)
            connection.close()
          }
        },
        onClose: () => {}
      }),
      maxPayload: MESSAGE
    })
  )
)

export const layer = Layer.mergeAll(worker, watcher, reset)
