/**
 * Brings back cells that lost their connection. The server may be another by then, one that knows nothing of the game:
 * it is asked before each round, and told to start a game of the same size and edges where it has another one. The
 * cells, which tell their last two states when they are told to run, carry on where they were.
 */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { Reset } from "../../Protocol/Protocol0.ts"
import type { ConnectError } from "../../WebSocket/Http/ConnectError.ts"
import type { Cell } from "./Cell.ts"
import { type GameClosed, type GameFailure, GaveUp, isFinal } from "./GameClosed.ts"
import type { GameProgress } from "./GameProgress.ts"
import { LifeTransport } from "./LifeTransport.ts"

/** Milliseconds before the first round, and the most between two. */
const FIRST = 50
const LONGEST = 1000
/** Cells that connect at once. */
const CONCURRENCY = 128

export interface ReconnectOptions {
  readonly connect: (cell: Cell) => Effect.Effect<void, ConnectError>
  readonly lostAll: () => boolean
  /** Starts the game anew on the server; all cells that have a connection lose it. */
  readonly reset: Effect.Effect<void, ConnectError | GameClosed>
  /** What that asks for. */
  readonly game: Reset
  readonly progress: GameProgress
  /** Milliseconds after which lost connections end the game; infinity: never. */
  readonly giveUp: number
  readonly fail: (error: GameFailure | ConnectError) => void
}

/** Refused for what the client is, not for how the server is: the next time will be no different. */
export const isFinalFailure = ({ failure, status = 0 }: ConnectError): boolean =>
  failure === "Request" ||
  failure === "Tls" ||
  failure === "Handshake" ||
  (failure === "Status" && status < 500 && status !== 429)

export const make = Effect.fn("GameReconnect.make")(function* (options: ReconnectOptions) {
  const { connect, fail, game, giveUp, lostAll, progress, reset } = options
  const transport = yield* LifeTransport
  const latch = yield* Effect.makeLatch(false)
  const lost = new Set<Cell>()
  let attempts = 0
  let since: number | undefined
  let cause = "no reason given"

  /** Whether the server needs to be told which game it is. A server of protocol 0 can't be asked. */
  const hasForgotten = Effect.map(Effect.scoped(transport.held), (held) =>
    held === undefined
      ? lostAll()
      : held.width !== game.width || held.height !== game.height || held.topology !== game.topology
  )

  /** Connects a cell; gives why it can't. One that can't must not stop the others. */
  const bringBack = (cell: Cell) =>
    Effect.match(connect(cell), {
      onFailure: (error) => error,
      onSuccess: () => {
        lost.delete(cell)
        progress.reconnected++
        return undefined
      }
    })

  const round = Effect.gen(function* () {
    if (yield* hasForgotten) yield* reset
    const failures = yield* Effect.forEach([...lost], bringBack, { concurrency: CONCURRENCY })
    const failure = failures.find((each) => each !== undefined)
    if (failure !== undefined) return yield* failure
    attempts = 0
  }).pipe(
    Effect.catchAll((error) =>
      Effect.sync(() => {
        cause = error.message
        if (error._tag === "ConnectError" ? isFinalFailure(error) : isFinal(error.code)) fail(error)
      })
    )
  )

  const settle = () => {
    // A server that was replaced just after it was asked never gives the cells their turn: so ask until all have it.
    if (lost.size === 0 && progress.subscribed === progress.cells) {
      latch.unsafeClose()
      since = undefined
    } else if (since !== undefined && performance.now() - since >= giveUp) {
      fail(new GaveUp({ seconds: giveUp / 1000, lost: progress.cells - progress.subscribed, cause }))
    }
  }

  yield* Effect.gen(function* () {
    yield* latch.await
    const wait = Math.min(LONGEST, FIRST * 2 ** attempts) * (yield* Random.nextRange(0.5, 1))
    yield* Effect.sleep(wait)
    attempts++
    yield* round
    settle()
  }).pipe(Effect.forever, Effect.forkScoped)

  return {
    /** A cell has lost its connection. */
    lost: (cell: Cell): void => {
      lost.add(cell)
      since ??= performance.now()
      latch.unsafeOpen()
    }
  }
})
