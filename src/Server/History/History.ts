/** The recording of a game (`--history`). A node that joins a game of others first reads what the log has kept. */
import { constants, deflateRawSync } from "node:zlib"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { real } from "../../Time/Timer.ts"
import { MemoryAccount, type MemoryBudget } from "../../WebSocket/Connection/MemoryBudget.ts"
import { Reactor } from "../../WebSocket/Connection/Reactor.ts"
import { Game } from "../Game/Game.ts"
import { Relay } from "../Game/Relay.ts"
import { StartupBarrier } from "../Game/StartupBarrier.ts"
import { ServerConfig } from "../ServerConfig.ts"
import { GameHistory, type HistoryPart, type RecordingMemory } from "./GameHistory.ts"

export class History extends Context.Tag("effect-c10k/Server/History")<
  History,
  {
    readonly isKept: boolean
    /**
     * Starts the recording, unless it has started. With the log in memory it starts with the game. With a shared log, a
     * node records a game only after somebody has asked for the recording; it begins with what the log has kept.
     */
    readonly start: Effect.Effect<void>
    /**
     * The header of the present game's recording, and the number of its first block; `undefined` if no cell has a state
     * yet, or the game has ended.
     */
    readonly unsafeBegin: () => { readonly head: Uint8Array; readonly next: number } | undefined
    /** Returns blocks from a number on, about `most` bytes. */
    readonly unsafeRead: (from: number, most: number) => HistoryPart
    /** Whether all workers of the game have left. */
    readonly unsafeIsOver: () => boolean
    /** Calls back once, when there are blocks after the number `next`. Returns a function that cancels this. */
    readonly unsafeOnce: (next: number, callback: () => void) => () => void
  }
>() {
  static readonly layer: Layer.Layer<History, never, Game | Reactor | Relay | ServerConfig | StartupBarrier> =
    Layer.scoped(
      History,
      Effect.suspend(() => make)
    )
}

/** Milliseconds of new states in a block. */
const GROUP = 20

/** The event loop waits for it: 4 MiB take 30 ms at the fastest level, and 440 ms at the default, for a third less. */
const compress = (bytes: Uint8Array): Uint8Array => deflateRawSync(bytes, { level: constants.Z_BEST_SPEED })

/**
 * A recording that counts in the budget of the process. Recordings are most of it, so they are cut before clients are closed.
 * `release` ends the counting.
 */
export const inBudget = (budget: MemoryBudget, make: (memory: RecordingMemory) => GameHistory) => {
  const open = (): MemoryAccount =>
    new MemoryAccount(budget, {
      giveUp: () => {
        history.drop()
        account = open()
      }
    })
  let account = open()
  let isReleased = false
  const history = make({
    add: (bytes) => {
      if (!isReleased) account.add(bytes)
    },
    remove: (bytes) => {
      if (!isReleased) account.remove(bytes)
    }
  })
  const release = () => {
    isReleased = true
    account.remove(account.bytes)
  }
  return { history, release }
}

const make = Effect.gen(function* () {
  const game = yield* Game
  const relay = yield* Relay
  const barrier = yield* StartupBarrier
  const { history: limits } = yield* ServerConfig
  const { memory } = yield* Reactor
  const { history, release } = inBudget(memory, (counted) => new GameHistory(limits, compress, Date.now, counted))
  const waiting = new Set<() => void>()
  let stopTimer: (() => void) | undefined
  let hasEnded = false
  let leave = (): void => {}

  const wake = (): void => {
    const all = [...waiting]
    waiting.clear()
    for (const callback of all) callback()
  }
  const write = (): void => {
    stopTimer = undefined
    history.write()
    wake()
  }
  const record = (topic: number, step: number, state: number): void => {
    // The log may be read still.
    if (hasEnded) return
    history.record(topic, step, state)
    stopTimer ??= real.after(GROUP, write)
  }
  const isKept = limits.bytes > 0 && limits.steps > 0
  /** States that come while the log is read. They follow those of the log. */
  let later: Array<Parameters<typeof record>> | undefined = game.isShared ? [] : undefined
  const start = Effect.suspend(() => {
    if (hasEnded) return Effect.void
    leave = relay.unsafeObserve({
      reset: (grid) => {
        history.reset(grid)
        if (later !== undefined) later = []
        wake()
      },
      record: (topic, step, state) => {
        if (later === undefined) record(topic, step, state)
        else later.push([topic, step, state])
      }
    })
    if (!game.isShared) return Effect.void
    return game.scan(record).pipe(
      Effect.catchAll(({ message }) => Effect.logWarning(`The game's log can't be read for its recording: ${message}`)),
      Effect.zipRight(
        Effect.sync(() => {
          for (const state of later ?? []) record(...state)
          later = undefined
        })
      )
    )
  })
  // Uninterruptible, because it is done once for all who ask.
  const startOnce = yield* Effect.cached(Effect.uninterruptible(isKept ? start : Effect.void))
  if (!game.isShared) yield* startOnce
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      hasEnded = true
      leave()
      stopTimer?.()
      release()
      wake()
    })
  )

  return History.of({
    isKept,
    start: startOnce,
    unsafeBegin: () => {
      const head = history.head()
      return head === undefined || hasEnded ? undefined : { head, next: history.begin }
    },
    unsafeIsOver: () => {
      const { connected, phase } = barrier.unsafeState()
      return hasEnded || (phase === "running" && connected === 0)
    },
    unsafeRead: (from, most) => history.read(from, most),
    unsafeOnce: (next, callback) => {
      if (history.end > next) callback()
      else waiting.add(callback)
      return () => void waiting.delete(callback)
    }
  })
})
