/**
 * The present game: its grid, its workers, and what a reset changes. It knows nothing of the Game of Life: a cell is a
 * topic that one worker publishes. What happens in the game is in a log, which other nodes may share.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { current, type LogHealth, Logs } from "../../Log/Log.ts"
import type { LogError } from "../../Log/LogError.ts"
import { CloseReason } from "../../Protocol/CloseReason.ts"
import { real } from "../../Time/Timer.ts"
import { Deadlines } from "../../WebSocket/Connection/Deadlines.ts"
import { ServerConsole } from "../Operations/ServerConsole.ts"
import { ServerConfig } from "../ServerConfig.ts"
import type { AskedReset } from "./GameEvent.ts"
import { codec } from "./GameEventCodec.ts"
import { GameLog, type GameLogContext } from "./GameLog.ts"
import { GameNode, type NodeContext } from "./GameNode.ts"
import { GameState } from "./GameState.ts"
import { processOf } from "./NodeRegister.ts"
import { make as makeRelay, Relay } from "./Relay.ts"
import { type BarrierContext, make as makeBarrier, StartupBarrier } from "./StartupBarrier.ts"
import { STEP_TIMEOUT, type StepSubscriber } from "./StepSubscriber.ts"
import { ThisNode } from "./ThisNode.ts"
import type { Worker, WorkerConnection } from "./Worker.ts"

interface PartsContext
  extends Pick<NodeContext, "incomplete" | "maxSubscriptions" | "silent" | "report">,
    Pick<BarrierContext, "console">,
    Pick<GameLogContext, "isShared" | "later" | "name"> {}

export interface GameParts {
  readonly state: GameState
  readonly log: GameLog
  readonly node: GameNode
  readonly relay: Relay["Type"]
  readonly barrier: StartupBarrier["Type"]
}

/**
 * Makes the parts of one game on a node: the state, the log, and the node's own connections. The log must be opened
 * with `node` as its reader; then `log` must be begun.
 */
export const makeParts = (context: PartsContext): GameParts => {
  const state = new GameState()
  const log = new GameLog({
    ...context,
    state,
    census: () => barrier.unsafeCensus(),
    setPaused: (isPaused) => node.setPaused(isPaused)
  })
  const relay = makeRelay(state)
  const barrier = makeBarrier({ state: () => state.barrier, changed: () => log.count(), console: context.console })
  const node = new GameNode({ ...context, state, relay, barrier, log })
  return { state, log, node, relay, barrier }
}

export class Game extends Context.Tag("effect-c10k/Server/Game")<
  Game,
  {
    /**
     * Starts another game; the workers of this one are closed with `NewGame`. `done` is called when it has begun, or
     * with the reason if it can't begin.
     */
    readonly unsafeReset: (reset: AskedReset, done: (problem: CloseReason | undefined) => void) => void
    readonly unsafeJoin: (connection: WorkerConnection) => Worker
    /** The worker of a cell, if it is connected to this node. */
    readonly unsafeSpeaker: (topic: number) => Worker | undefined
    /** Whether other nodes may take part. */
    readonly isShared: boolean
    /** Calls `use` with the present game's states that the log has kept, in their order, until another game begins. */
    readonly scan: (use: (topic: number, step: number, state: number) => void) => Effect.Effect<void, LogError>
    /** The health of the log as this node sees it, and whether the game is that of the newest reset. */
    readonly unsafeHealth: () => LogHealth & { readonly isNewest: boolean }
    /** The number of states that this node's workers have published since the start of the server. */
    readonly unsafePublished: () => number
    readonly unsafeProcesses: () => ReadonlyArray<string>
    /**
     * Tells all nodes that a process is no longer in the game, because it is silent. Of this process only former names are
     * removed, of which it could not say that it left.
     */
    readonly unsafeRemove: (process: string) => void
  }
>() {}

/** The game whose log has this name. `name` is its own name; the game without a name has none. */
export const layerOf = (
  log: string,
  name?: string
): Layer.Layer<Game | Relay | StartupBarrier, LogError, Logs | ServerConfig | ServerConsole | ThisNode> =>
  Layer.scopedContext(make(log, name))

/** The game without a name, whose log is called `default`. */
export const layer = Layer.suspend(() => layerOf("default"))

/** Closes a connection that sent nothing in time although it was its turn. */
export const tooLate = (connection: WorkerConnection): void =>
  connection.close(CloseReason.TooLate.code, CloseReason.TooLate.reason)

/** Timers are no finer than a millisecond. */
const later = (callback: () => void, milliseconds: number): void => {
  if (milliseconds < 1) queueMicrotask(callback)
  else real.after(milliseconds, callback)
}

/** How long the end waits until the log has this node's goodbye. */
const GOODBYE = "2 seconds"

/** Lines about a game with a name begin with it. */
const consoleOf = (console: ServerConsole["Type"], name: string | undefined) =>
  name === undefined
    ? console
    : ServerConsole.of({
        unsafeLine: (text) => console.unsafeLine(`${name}: ${text}`),
        unsafeProgress: (text, now = text) => console.unsafeProgress(`${name}: ${text}`, `${name}: ${now.trim()}`)
      })

const make = Effect.fn("Game.make")(function* (logName: string, name: string | undefined) {
  const { firstMessageTimeout, maxSubscriptions } = yield* ServerConfig
  const console = consoleOf(yield* ServerConsole, name)
  const thisNode = yield* ThisNode
  const title = name === undefined ? "the game" : `the game ${name}`
  const logs = yield* Logs
  const silent = yield* Deadlines.make<WorkerConnection>(firstMessageTimeout, tooLate)

  const incomplete = logs.isShared
    ? yield* Deadlines.make<StepSubscriber>(STEP_TIMEOUT, (subscriber) => subscriber.flush())
    : undefined

  const {
    barrier,
    log: written,
    node,
    relay,
    state
  } = makeParts({
    name: thisNode.name,
    isShared: logs.isShared,
    console,
    incomplete,
    later,
    maxSubscriptions,
    silent,
    report: (mishap, workers) => thisNode.unsafeReport(mishap, title, workers)
  })

  const log = yield* logs.open(logName, {
    codec,
    reader: node
  })
  yield* current(log)
  yield* Effect.acquireRelease(
    Effect.sync(() => written.begin(log)),
    // The goodbye tells the other nodes, which would otherwise notice only the silence.
    () =>
      Effect.zipRight(
        Effect.sync(() => written.bye()),
        // While the engine is away nobody hears it.
        Effect.suspend(() =>
          log.unsafeHealth().connected ? Effect.timeoutOption(Effect.interruptible(current(log)), GOODBYE) : Effect.void
        )
      )
  )

  return Context.make(
    Game,
    Game.of({
      unsafeReset: (reset, done) => node.reset(reset, done),
      unsafeJoin: (connection) => node.join(connection),
      unsafeSpeaker: (topic) => node.speaker(topic),
      isShared: logs.isShared,
      scan: (use) =>
        Effect.suspend(() => {
          const { epoch } = state
          const generation = log.unsafeGeneration()
          return logs.scan(logName, codec, epoch, (event) => {
            // Another game has begun meanwhile, or another log, in which its position may be the same: these states are not of its cells.
            if (state.epoch !== epoch || log.unsafeGeneration() !== generation) return false
            if (event.type === "states" && event.epoch === epoch)
              for (const { state, step, topic } of event.states) use(topic, step, state)
            return true
          })
        }),
      unsafeHealth: () => ({ ...written.health(), isNewest: state.isNewest }),
      unsafePublished: () => written.published,
      unsafeProcesses: () => state.nodes.names.map(processOf),
      unsafeRemove: (process) => node.removeSilent(process)
    })
  ).pipe(Context.add(Relay, relay), Context.add(StartupBarrier, barrier))
})
