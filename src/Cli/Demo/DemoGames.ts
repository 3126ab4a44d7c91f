/** The games of a demo: first the game of the command line, then each game that a page asks for. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import { CloseReason } from "../../Protocol/CloseReason.ts"
import * as Count from "../../Text/Count.ts"
import * as FileDescriptors from "../../WebSocket/Connection/FileDescriptors.ts"
import type { GamePlan } from "../Game/GamePlan.ts"
import * as GamePlay from "../Game/GamePlay.ts"
import type { GameRun, RunOptions } from "../Game/GameRun.ts"
import type { GameView } from "../Game/GameView.ts"
import type { Asked, ControlChannel } from "./ControlChannel.ts"
import * as RequestedGame from "./RequestedGame.ts"

export interface DemoGame {
  readonly plan: GamePlan
  readonly run: RunOptions
}

/** The server and the cells share a process, so each cell needs two file descriptors. */
export const ensureDescriptors = ({ start }: GamePlan) =>
  FileDescriptors.ensure(2 * start.cells.length, `${Count.format(start.cells.length)} cells and their server`)

/** How long clients stay away or are frozen, in milliseconds: long enough to watch their neighbours wait. */
const AWAY = 4_000
const FROZEN = 5_000

/** Handles a page's request about the running game. */
const steer = ({ game }: GameRun, control: ControlChannel, { refuse, request }: Asked): void => {
  const { faults, pace } = game
  if (request.type === "speed") {
    pace.setSpeed(request.speed)
    control.show({ speed: request.speed })
  } else if (request.type === "pause") {
    pace.pause()
    control.show({ game: "paused" })
  } else if (request.type === "resume") {
    pace.resume()
    control.show({ game: "running" })
  } else if (request.type === "step") {
    if (pace.isPaused) pace.step()
    else refuse("single steps are possible only while the game is paused")
  } else if (request.type === "disconnect" || request.type === "freeze") {
    const time = request.type === "disconnect" ? AWAY : FROZEN
    const count = faults[request.type](request.clients, time)
    if (count > 0) control.report(request.type, count, time)
    else refuse("this client is not connected now")
  }
}

/** Plays games until one ends whose end also ends the demo. `asked` has the requests of pages. */
export const play = Effect.fn("DemoGames.play")(function* (
  first: DemoGame,
  view: GameView,
  control: ControlChannel,
  asked: Queue.Dequeue<Asked>
) {
  const games = yield* Queue.sliding<DemoGame>(1)
  let current: GameRun | undefined

  const answer = (each: Asked) => {
    const { refuse, request } = each
    if (request.type !== "start") {
      return Effect.sync(() => {
        if (current === undefined) refuse("no game is running")
        else steer(current, control, each)
      })
    }
    return Effect.gen(function* () {
      const plan = yield* RequestedGame.plan(request.game)
      yield* ensureDescriptors(plan)
      const { speed } = request.game
      yield* games.offer({
        plan,
        run: {
          ...first.run,
          speed,
          steps: Number.POSITIVE_INFINITY,
          stopWhen: undefined,
          connectRate: Math.max(1000, plan.start.cells.length)
        }
      })
    }).pipe(Effect.catchAll(({ message }) => Effect.sync(() => refuse(message))))
  }
  yield* Queue.take(asked).pipe(Effect.flatMap(answer), Effect.forever, Effect.forkScoped)

  const started = (run: GameRun) =>
    Effect.andThen(run.game.running, () => {
      current = run
      control.show({ game: "running" })
    })
  const playOne = ({ plan, run }: DemoGame) =>
    Effect.suspend(() => {
      control.show({ game: "starting", speed: run.speed })
      return GamePlay.play(plan, run, view, started)
    }).pipe(
      Effect.ensuring(
        Effect.sync(() => {
          current = undefined
          control.show({ game: "ended" })
        })
      ),
      // Another `life` has started its own game on this server. The demo serves it and waits for the next request of a page.
      Effect.catchIf(
        (error) => error._tag === "GameClosed" && error.code === CloseReason.NewGame.code,
        () => Effect.never
      )
    )
  const loop: (game: DemoGame) => ReturnType<typeof playOne> = (game) =>
    Effect.raceFirst(Effect.as(playOne(game), Option.none<DemoGame>()), Effect.asSome(games.take)).pipe(
      Effect.flatMap(Option.match({ onNone: () => Effect.void, onSome: (next) => loop(next) }))
    )
  yield* loop(first)
}, Effect.scoped)
