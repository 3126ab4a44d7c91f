/**
 * The WebSocket paths of games: `/worker/`, `/watcher/` and `/reset/` of protocol 0 and `/history/` for the game without a name,
 * and the same under `/games/NAME/` for the others.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CloseReason } from "../Protocol/CloseReason.ts"
import * as Protocol0 from "../Protocol/Protocol0.ts"
import { SUBPROTOCOL } from "../Protocol/WatchProtocol.ts"
import { conversation } from "../WebSocket/Api/ConversationEndpoint.ts"
import type { Connection } from "../WebSocket/Connection/Connection.ts"
import { Deadlines } from "../WebSocket/Connection/Deadlines.ts"
import type { Handler } from "../WebSocket/Connection/Handler.ts"
import type { Message } from "../WebSocket/Frames/Message.ts"
import type { UpgradeRequest } from "../WebSocket/Http/Endpoint.ts"
import { relay as endpoint } from "../WebSocket/Http/WebSocketRouter.ts"
import { AdmissionPolicy } from "./Access/AdmissionPolicy.ts"
import { Game, tooLate } from "./Game/Game.ts"
import { Entering } from "./Games/Entering.ts"
import { isGameName } from "./Games/GameName.ts"
import { Games } from "./Games/Games.ts"
import type { Found } from "./Games/OpenGames.ts"
import { History } from "./History/History.ts"
import * as HistoryStream from "./History/HistoryStream.ts"
import { ServerConfig } from "./ServerConfig.ts"
import { Watch } from "./Watch/Watch.ts"

/** The most bytes of a message of a worker or a reset, generously. */
const MESSAGE = 128

/** The part of a game, or of the game that the path names, that the endpoints use. */
interface Entrance {
  readonly work: (connection: Connection, params: UpgradeRequest["params"]) => Handler
  readonly watch: (connection: Connection, request: UpgradeRequest) => Handler
  /** `done` gets the reason if no new game begins. */
  readonly reset: (
    request: UpgradeRequest,
    reset: Protocol0.Reset,
    done: (problem: CloseReason | undefined) => void
  ) => void
}

const watchWith = (watch: Watch["Type"], connection: Connection, { protocol }: UpgradeRequest): Handler =>
  protocol === undefined ? watch.unsafeWatch(connection) : watch.unsafeFollow(connection)

const unnamed = Effect.map(
  Effect.all([Game, Watch]),
  ([game, watch]): Entrance => ({
    work: (connection) => game.unsafeJoin(connection),
    watch: (connection, request) => watchWith(watch, connection, request),
    reset: (_, reset, done) => game.unsafeReset(reset, done)
  })
)

const closed: Handler = { onMessage: () => {}, onClose: () => {} }

const refuse = (connection: Connection, { code, reason }: CloseReason): Handler => {
  connection.close(code, reason)
  return closed
}

const reasonOf = (found: Exclude<Found, object>): CloseReason =>
  found === "unknown" ? CloseReason.NoSuchGame : CloseReason.Unavailable

const named = Effect.map(Effect.all([Games, AdmissionPolicy]), ([games, admission]): Entrance => {
  const nameOf = ({ name = "" }: UpgradeRequest["params"]) => (isGameName(name) ? name : undefined)
  const entering = (connection: Connection, params: UpgradeRequest["params"], handlerOf: (found: Found) => Handler) => {
    const name = nameOf(params)
    if (name === undefined) return refuse(connection, CloseReason.BadName)
    return Entering.begin((enter) => games.unsafeEnter(name, (found) => enter(handlerOf(found))))
  }
  return {
    work: (connection, params) =>
      entering(connection, params, (found) =>
        typeof found === "string"
          ? refuse(connection, reasonOf(found))
          : found.attach(connection, found.game.unsafeJoin(connection))
      ),
    watch: (connection, request) =>
      entering(connection, request.params, (found) => {
        if (found === "unavailable") return refuse(connection, CloseReason.Unavailable)
        const room = found === "unknown" ? games.unsafeNothing() : found
        return room.attach(connection, watchWith(room.watch, connection, request))
      }),
    reset: (request, reset, done) => {
      const name = nameOf(request.params)
      if (name === undefined) return done(CloseReason.BadName)
      games.unsafeReset(name, admission.unsafeOwner(request), reset, done)
    }
  }
})

const endpoints = <R>(prefix: "" | "/games/:name", entrance: Effect.Effect<Entrance, never, R>) =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const { reset, watch, work } = yield* entrance
      const { firstMessageTimeout, maxCells, watcherQueue, workerQueue } = yield* ServerConfig
      const silent = yield* Deadlines.make<Connection>(firstMessageTimeout, tooLate)
      const worker = endpoint(`${prefix}/worker/`, {
        role: "worker",
        needsToken: true,
        open: (connection, { params }) => work(connection, params),
        maxPayload: MESSAGE,
        maxQueued: workerQueue
      })
      const watcher = endpoint(`${prefix}/watcher/`, {
        role: "watcher",
        open: watch,
        protocols: [SUBPROTOCOL],
        maxPayload: MESSAGE,
        maxQueued: watcherQueue
      })
      const begin = (connection: Connection, request: UpgradeRequest, message: Message) => {
        const asked = typeof message === "string" ? Protocol0.parseReset(message) : undefined
        if (asked === undefined) return connection.close(CloseReason.BadSize.code, CloseReason.BadSize.reason)
        if (asked.width * asked.height > maxCells)
          return connection.close(CloseReason.BadSize.code, `at most ${maxCells} cells`)
        if (asked.stateCount < 2 || asked.stateCount > Protocol0.MAX_STATES)
          return connection.close(CloseReason.BadSize.code, `a cell has 2 to ${Protocol0.MAX_STATES} states`)
        reset(request, asked, (problem) => connection.close(problem?.code, problem?.reason))
      }
      const resets = endpoint(`${prefix}/reset/`, {
        role: "reset",
        needsToken: true,
        open: (connection, request) => {
          silent.add(connection)
          return {
            onMessage: (message) => {
              silent.delete(connection)
              begin(connection, request, message)
            },
            onClose: () => silent.delete(connection)
          }
        },
        maxPayload: MESSAGE
      })
      return Layer.mergeAll(worker, watcher, resets)
    })
  )

const recordings = Layer.unwrapEffect(
  Effect.gen(function* () {
    const history = yield* History
    const games = yield* Games
    if (!history.isKept) return Layer.empty
    const role = "history"
    const roomOf = (name: string) =>
      Effect.async<Found>((resume) => games.unsafeEnter(name, (room) => resume(Effect.succeed(room))))
    const unnamed = conversation("/history/", { role }, (talk, { url }) => HistoryStream.stream(history, talk, url))
    const named = conversation("/games/:name/history/", { role }, (talk, { params, url }) =>
      Effect.gen(function* () {
        const room = yield* roomOf(params.name)
        if (typeof room !== "string") return yield* HistoryStream.stream(yield* room.read, talk, url)
        const { code, reason } = reasonOf(room)
        yield* talk.close(code, reason)
      })
    )
    return Layer.merge(unnamed, named)
  })
)

export const layer = Layer.mergeAll(endpoints("", unnamed), endpoints("/games/:name", named), recordings)
