/**
 * The recording of a game, for those who come later (`--history`). A node that comes to a game that others play reads what their log has
 * kept of it.
 */
import { constants, deflateRawSync } from "node:zlib"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Game } from "../Game/Game.ts"
import { Relay } from "../Game/Relay.ts"
import { StartupBarrier } from "../Game/StartupBarrier.ts"
import { ServerConfig } from "../ServerConfig.ts"
import { GameHistory, type HistoryPart } from "./GameHistory.ts"

export class History extends Context.Tag("effect-c10k/Server/History")<
  History,
  {
    /** Whether anything is kept. */
    readonly isKept: boolean
    /** What the recording of the present game begins with, and the number of its first block; none while no cell has spoken, and when the game has ended. */
    readonly unsafeBegin: () => { readonly head: Uint8Array; readonly next: number } | undefined
    /** Blocks from a number on, about `most` bytes. */
    readonly unsafeRead: (from: number, most: number) => HistoryPart
    /** Whether all workers of the game have left. */
    readonly unsafeIsOver: () => boolean
    /** Calls back once, when there is more than up to this number. Gives what undoes it. */
    readonly unsafeOnce: (next: number, callback: () => void) => () => void
  }
>() {
  static readonly layer: Layer.Layer<History, never, Game | Relay | ServerConfig | StartupBarrier> = Layer.scoped(
    History,
    Effect.suspend(() => make)
  )
}

/** Milliseconds of news in a block. */
const GROUP = 20

/** The event loop waits for it: 4 MiB of news take 30 ms at the best speed, and 440 ms at the usual level, which saves a third. */
const compress = (bytes: Uint8Array): Uint8Array => deflateRawSync(bytes, { level: constants.Z_BEST_SPEED })

const make = Effect.gen(function* () {
  const game = yield* Game
  const relay = yield* Relay
  const barrier = yield* StartupBarrier
  const { history: limits } = yield* ServerConfig
  const history = new GameHistory(limits, compress, Date.now)
  const waiting = new Set<() => void>()
  let timer: NodeJS.Timeout | undefined
  let hasEnded = false

  const wake = (): void => {
    const all = [...waiting]
    waiting.clear()
    for (const callback of all) callback()
  }
  const write = (): void => {
    timer = undefined
    history.write()
    wake()
  }
  const record = (topic: number, step: number, state: number): void => {
    history.record(topic, step, state)
    timer ??= setTimeout(write, GROUP)
  }
  const isKept = limits.bytes > 0 && limits.steps > 0
  /** Events that come while the log is read. They follow those of the log. */
  let later: Array<Parameters<typeof record>> | undefined = game.isShared ? [] : undefined
  if (isKept) {
    relay.unsafeObserve({
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
    if (game.isShared) {
      yield* Effect.catchAll(game.scan(record), ({ message }) =>
        Effect.logWarning(`What was kept of the game can't be read: ${message}`)
      )
      for (const state of later ?? []) record(...state)
      later = undefined
    }
  }
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      clearTimeout(timer)
      hasEnded = true
      wake()
    })
  )

  return History.of({
    isKept,
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
