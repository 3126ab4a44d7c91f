/**
 * The game that is on: one grid, its workers, and what each reset changes. It knows nothing of Life: a cell is a topic
 * that one worker speaks for.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CloseReason } from "../../Protocol/CloseReason.ts"
import type { Reset } from "../../Protocol/Protocol0.ts"
import { Deadlines } from "../../WebSocket/Connection/Deadlines.ts"
import { ServerConfig } from "../ServerConfig.ts"
import { Relay } from "./Relay.ts"
import { StartupBarrier } from "./StartupBarrier.ts"
import { Worker, type WorkerConnection } from "./Worker.ts"

/** The size of the game that a server has before any reset. */
export const initialSize = 32

export class Game extends Context.Tag("effect-c10k/Server/Game")<
  Game,
  {
    readonly maxCells: number
    /** Starts another game; the workers of this one are closed with `NewGame`. */
    readonly unsafeReset: (reset: Reset) => void
    readonly unsafeJoin: (connection: WorkerConnection) => Worker
  }
>() {
  static readonly layer: Layer.Layer<Game, never, Relay | StartupBarrier | ServerConfig> = Layer.scoped(
    Game,
    Effect.suspend(() => make)
  )
}

/** Ends a connection from which nothing came although it was its turn. */
export const tooLate = (connection: WorkerConnection): void =>
  connection.close(CloseReason.TooLate.code, CloseReason.TooLate.reason)

const make = Effect.gen(function* () {
  const { firstMessageTimeout, maxCells, maxSubscriptions } = yield* ServerConfig
  const relay = yield* Relay
  const barrier = yield* StartupBarrier
  const workers = new Set<Worker>()
  const silent = yield* Deadlines.make<WorkerConnection>(firstMessageTimeout, tooLate)
  /** Who speaks for each cell. */
  let speakers: Array<Worker | undefined> = []

  return Game.of({
    maxCells,
    unsafeReset: ({ width, height, topology }) => {
      const { code, reason } = CloseReason.NewGame
      for (const worker of workers) {
        worker.leave()
        worker.connection.close(code, reason)
      }
      workers.clear()
      speakers = []
      relay.unsafeReset(width, height, topology)
      barrier.unsafeReset(width * height)
    },
    unsafeJoin: (connection) => {
      const worker = new Worker(connection, {
        relay,
        barrier,
        maxSubscriptions,
        silent,
        claim: (topic, worker) => {
          const before = speakers[topic]
          speakers[topic] = worker
          if (before === undefined || before === worker) return
          before.connection.close(CloseReason.Replaced.code, CloseReason.Replaced.reason)
          before.leave()
        },
        left: (worker) => {
          workers.delete(worker)
          if (worker.topic >= 0 && speakers[worker.topic] === worker) speakers[worker.topic] = undefined
        }
      })
      workers.add(worker)
      barrier.unsafeConnect(worker)
      return worker
    }
  })
})
