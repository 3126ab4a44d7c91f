/** A process of cells, which `life --processes` has started: it plays the cells of a block of the grid, and reports what they publish. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { GameFailure } from "../../Life/Game/GameClosed.ts"
import * as GameDriver from "../../Life/Game/GameDriver.ts"
import type { GameProgress } from "../../Life/Game/GameProgress.ts"
import { LifeTransport } from "../../Life/Game/LifeTransport.ts"
import * as MergedStates from "../../Life/Game/MergedStates.ts"
import * as NodePlacement from "../../Life/Game/NodePlacement.ts"
import type { StateObserver } from "../../Life/Game/Onset.ts"
import type { GamePace } from "../../Life/Game/PacedCells.ts"
import * as SocketTransport from "../../Life/Game/SocketTransport.ts"
import { real } from "../../Time/Timer.ts"
import { Reactor } from "../../WebSocket/Connection/Reactor.ts"
import type { ConnectError } from "../../WebSocket/Http/ConnectError.ts"
import { planOf } from "../Game/SentPlan.ts"
import * as OwnProcess from "../OwnProcess.ts"
import { Signals } from "../Signals.ts"
import { FromCells, ToCells } from "./CellsMessage.ts"

/** Milliseconds after which states are reported, and between two looks at the counts. */
const REPORT = 20
const COUNTS = 50

const post = OwnProcess.answering(FromCells)

/** Reports states, many at a time. */
class StateReport {
  readonly #width: number
  readonly #states = new Uint32Array(2 * MergedStates.STATES_LIMIT)
  #used = 0
  #stopTimer: (() => void) | undefined

  constructor(width: number) {
    this.#width = width
  }

  readonly observe: StateObserver = (step, row, col, state) => {
    this.#states[this.#used++] = (row * this.#width + col) * 256 + state
    this.#states[this.#used++] = step
    if (this.#used === this.#states.length) this.flush()
    else this.#stopTimer ??= real.after(REPORT, this.flush)
  }

  readonly flush = (): void => {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    if (this.#used > 0) post({ _tag: "States", states: this.#states.slice(0, this.#used) })
    this.#used = 0
  }
}

/** Reports the counts when they have changed, until the scope closes. Returns a function that reports them now. */
const reportCounts = ({ progress }: Pick<GameDriver.Game, "progress">) => {
  let last = ""
  const report = ({ connected, reconnected, running, subscribed }: GameProgress) => {
    const key = [connected, reconnected, running, subscribed].join()
    if (key !== last) post({ _tag: "Counts", connected, subscribed, reconnected, running })
    last = key
  }
  return Effect.as(
    Effect.acquireRelease(
      Effect.sync(() => real.every(COUNTS, () => report(progress))),
      (stop) => Effect.sync(stop)
    ),
    () => report(progress)
  )
}

type Playing = Extract<ToCells, { readonly _tag: "Play" }>

/** What the process that leads wants. */
const makeOrders = Effect.gen(function* () {
  const assigned = yield* Deferred.make<Playing>()
  let begun = 0
  let waiting: ((answer: Effect.Effect<void, GameFailure | ConnectError>) => void) | undefined
  let renewal: GameDriver.Renewal | undefined
  let pace: GamePace | undefined
  let isBlocked = false
  const take = (order: ToCells): void => {
    switch (order._tag) {
      case "Play":
        return Deferred.unsafeDone(assigned, Effect.succeed(order))
      case "Prepare":
        renewal?.announced()
        return post({ _tag: "Prepared" })
      case "Begun": {
        const answer = waiting
        begun++
        waiting = undefined
        if (answer !== undefined) answer(order.problem === undefined ? Effect.void : Effect.fail(order.problem))
        else if (order.problem === undefined) renewal?.begun()
        return
      }
      case "Block":
        isBlocked = order.isBlocked
        return isBlocked ? pace?.block() : pace?.unblock()
    }
  }
  yield* OwnProcess.listen(ToCells, take)
  return {
    assigned: Deferred.await(assigned),
    /** Lets the process that leads ask the server for the game. */
    asked: Effect.async<void, GameFailure | ConnectError>((resume) => {
      waiting = resume
      post({ _tag: "Ask", begun })
    }),
    follow: (by: GameDriver.Renewal) => {
      renewal = by
    },
    steer: (by: GamePace) => {
      pace = by
      if (isBlocked) by.block()
    }
  }
})

const play = Effect.fn("life.cells")(function* (server: SocketTransport.SocketTransportOptions) {
  const { handle } = yield* Signals
  // A terminal sends Ctrl-C to all processes. The one that leads ends the game.
  yield* handle(Number.POSITIVE_INFINITY, () => Effect.void)
  const orders = yield* makeOrders
  post({ _tag: "Ready" })
  const { of, plan, share, ...options } = yield* orders.assigned
  const { rule, start, topology } = yield* planOf(plan)
  const { height, width } = topology
  const report = new StateReport(width)
  const block = NodePlacement.cellsOf(NodePlacement.blocksOf(width, height, of), width, height, share)
  const transport = SocketTransport.layer({ ...server, asked: orders.asked }).pipe(Layer.provide(Reactor.layer()))
  yield* Effect.gen(function* () {
    // A process that asks for no game learns the nodes of the server in this way.
    if (options.resume) yield* Effect.scoped((yield* LifeTransport).serverGame)
    const game = yield* GameDriver.start({
      ...{ ...options, rule, start, topology },
      observe: () => report.observe,
      share: { block, renewal: orders.follow }
    })
    orders.steer(game.pace)
    const counts = yield* reportCounts(game)
    yield* Effect.forkScoped(Effect.andThen(game.running, Effect.sync(counts)))
    yield* game.done
    counts()
    report.flush()
    post({ _tag: "Done" })
    // Neighbours in other processes may still need these cells.
    return yield* Effect.never
  }).pipe(
    Effect.catchAll((problem) => {
      report.flush()
      post({ _tag: "Failed", problem })
      return Effect.never
    }),
    Effect.scoped,
    Effect.provide(transport)
  )
}, Effect.scoped)

export const run = (server: SocketTransport.SocketTransportOptions) =>
  Effect.raceFirst(play(server), OwnProcess.abandoned)
