/** The recording of the game that is on, for those who come later (`--history`). */
import { deflateRawSync } from "node:zlib"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Relay } from "../Game/Relay.ts"
import { ServerConfig } from "../ServerConfig.ts"
import { GameHistory, type HistoryPart } from "./GameHistory.ts"

export class History extends Context.Tag("effect-c10k/Server/History")<
  History,
  {
    /** Whether anything is kept. */
    readonly isKept: boolean
    /** What the recording of the present game begins with, and the number of its first block; none while no cell has spoken. */
    readonly unsafeBegin: () => { readonly head: Uint8Array; readonly next: number } | undefined
    /** Blocks from a number on, about `most` bytes. */
    readonly unsafeRead: (from: number, most: number) => HistoryPart
    /** Calls back once, when there is more than up to this number. Gives what undoes it. */
    readonly unsafeOnce: (next: number, callback: () => void) => () => void
  }
>() {
  static readonly layer: Layer.Layer<History, never, Relay | ServerConfig> = Layer.scoped(
    History,
    Effect.suspend(() => make)
  )
}

/** Milliseconds of news in a block. */
const GROUP = 20

const make = Effect.gen(function* () {
  const relay = yield* Relay
  const { history: limits } = yield* ServerConfig
  const history = new GameHistory(limits, (bytes) => deflateRawSync(bytes), Date.now)
  const waiting = new Set<() => void>()
  let timer: NodeJS.Timeout | undefined

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
  const isKept = limits.bytes > 0 && limits.steps > 0
  if (isKept) {
    relay.unsafeObserve({
      reset: (width, height, topology) => {
        history.reset(width, height, topology)
        wake()
      },
      record: (topic, step, state) => {
        history.record(topic, step, state)
        timer ??= setTimeout(write, GROUP)
      }
    })
  }
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      clearTimeout(timer)
      write()
    })
  )

  return History.of({
    isKept,
    unsafeBegin: () => {
      const head = history.head()
      return head === undefined ? undefined : { head, next: history.begin }
    },
    unsafeRead: (from, most) => history.read(from, most),
    unsafeOnce: (next, callback) => {
      if (history.end > next) callback()
      else waiting.add(callback)
      return () => void waiting.delete(callback)
    }
  })
})
