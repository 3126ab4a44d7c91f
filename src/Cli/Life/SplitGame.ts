/**
 * Drives a game whose cells are in several processes, each with a block of the grid. This process asks the server for the game,
 * and gets every state that a cell publishes, so it has the game's progress, its referee and its outputs.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Queue from "effect/Queue"
import { GameClosed, type GameFailure, ProcessLost } from "../../Life/Game/GameClosed.ts"
import type { Driver, Game } from "../../Life/Game/GameDriver.ts"
import { counted, GameProgress } from "../../Life/Game/GameProgress.ts"
import * as GameReconnect from "../../Life/Game/GameReconnect.ts"
import { LifeTransport } from "../../Life/Game/LifeTransport.ts"
import { MergedStates } from "../../Life/Game/MergedStates.ts"
import * as UniverseText from "../../Life/Universe/UniverseText.ts"
import { CloseCode } from "../../WebSocket/Frames/CloseCode.ts"
import type { ConnectError } from "../../WebSocket/Http/ConnectError.ts"
import { sentOf } from "../Game/SentPlan.ts"
import * as OwnProcess from "../OwnProcess.ts"
import { ENVIRONMENT, FromCells, ToCells } from "./CellsMessage.ts"

type Counts = Pick<GameProgress, "connected" | "subscribed" | "reconnected">

const none: Counts = { connected: 0, subscribed: 0, reconnected: 0 }

/** Adds the counts of all processes to the progress. */
class Sums {
  readonly #progress: GameProgress
  readonly #of: Array<Counts>

  constructor(progress: GameProgress, processes: number) {
    this.#progress = progress
    this.#of = Array.from({ length: processes }, () => none)
  }

  set(process: number, counts: Counts): void {
    const before = this.#of[process]!
    this.#of[process] = counts
    for (const key of ["connected", "subscribed", "reconnected"] as const)
      this.#progress[key] += counts[key] - before[key]
  }
}

export const driver = (processes: number): Driver<Game> =>
  Effect.fn("SplitGame.start")(function* ({ connectRate, giveUp, observe, resume, speed, steps, ...universe }) {
    const { rule, topology } = universe
    const { height, width } = topology
    const transport = yield* LifeTransport
    const done = yield* Deferred.make<void, GameFailure | ConnectError>()
    const running = yield* Deferred.make<void>()
    const fail = (error: GameFailure | ConnectError) => Deferred.unsafeDone(done, Effect.fail(error))

    const progress = new GameProgress(width, height)
    const sums = new Sums(progress, processes)
    const merged = new MergedStates(width, height, processes, resume, progress, counted(progress, observe))

    /** How often the server was asked for the game, with success or without. */
    let begun = 0
    const asks = yield* Queue.unbounded<void>()
    const prepared = yield* Queue.unbounded<void>()
    const ready = yield* Queue.unbounded<void>()
    const finished = new Set<number>()
    const receive = (process: number, message: FromCells): void => {
      switch (message._tag) {
        case "Ready":
          return void ready.unsafeOffer()
        case "Ask":
          // Another process was faster, and its answer is on the way.
          if (message.begun === begun) asks.unsafeOffer()
          return
        case "Prepared":
          return void prepared.unsafeOffer()
        case "Counts":
          sums.set(process, message)
          if (message.running && !progress.running) {
            progress.running = true
            Deferred.unsafeDone(running, Effect.void)
          }
          return
        case "States":
          return merged.take(process, message.states)
        case "Done":
          if (finished.add(process).size === processes) Deferred.unsafeDone(done, Effect.void)
          return
        case "Failed":
          fail(message.problem)
      }
    }

    const members = yield* Effect.forEach(
      Array.from({ length: processes }, (_, index) => index),
      (index) =>
        OwnProcess.start({
          ...{ variable: ENVIRONMENT, to: ToCells, from: FromCells },
          onMessage: (message) => receive(index, message)
        })
    )
    const post = (message: ToCells) => {
      for (const member of members) member.post(message)
    }
    // All processes end at the same time, within one limit.
    yield* Effect.addFinalizer(() =>
      Effect.forEach(members, ({ end }) => end, { concurrency: "unbounded", discard: true })
    )
    for (const [index, { ended }] of members.entries()) {
      const name = `process ${index + 1} of ${processes}`
      yield* Effect.forkScoped(
        Effect.andThen(ended, (how) => fail(new ProcessLost({ name, how: OwnProcess.describe(how) })))
      )
    }
    const each = (queue: Queue.Dequeue<void>) => Effect.replicateEffect(Queue.take(queue), processes, { discard: true })

    const game = { width, height, topology: UniverseText.format(rule, topology), stateCount: rule.states }
    const answer = Effect.fnUntraced(function* (problem: GameFailure | ConnectError | undefined) {
      begun++
      yield* Queue.takeAll(asks)
      post({ _tag: "Begun", problem })
    })
    const begin = Effect.gen(function* () {
      post({ _tag: "Prepare" })
      yield* each(prepared)
      const problem = yield* Effect.match(transport.reset(game), {
        onFailure: (error) => error,
        onSuccess: () => undefined
      })
      yield* answer(problem)
      return problem
    })
    // A process that has lost all its cells does not know whether the others have theirs.
    const again = Effect.gen(function* () {
      const known = yield* Effect.either(GameReconnect.hasForgotten(game, () => progress.connected === 0))
      if (Either.isLeft(known)) return yield* answer(known.left)
      if (known.right) return yield* begin
      // The process tries again.
      yield* answer(new GameClosed({ code: CloseCode.Abnormal, reason: "it does not say which game it has" }))
    })

    const start = Effect.gen(function* () {
      yield* each(ready)
      const plan = sentOf({ start: universe.start, rule, topology, seed: undefined, isGrown: false })
      for (const [share, member] of members.entries())
        member.post({
          ...{ _tag: "Play", plan, share, of: processes, steps, speed, giveUp, resume },
          connectRate: connectRate / processes
        })
      if (resume) return
      yield* each(asks)
      const problem = yield* begin
      if (problem !== undefined) return yield* problem
    })
    yield* Effect.raceFirst(start, Deferred.await(done))
    yield* Queue.take(asks).pipe(Effect.zipRight(again), Effect.forever, Effect.forkScoped)
    const block = (isBlocked: boolean) => post({ _tag: "Block", isBlocked })
    return {
      progress,
      pace: { block: () => block(true), unblock: () => block(false) },
      running: Deferred.await(running),
      done: Deferred.await(done)
    }
  })
