/**
 * The watchers of a game. Those of protocol 0 get every state message. Those that negotiate the watch protocol get the
 * changes of the grid at a pace of their own (`WatchFeed`).
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { parseRequest } from "../../Protocol/WatchRequest.ts"
import { real } from "../../Time/Timer.ts"
import type { Connection } from "../../WebSocket/Connection/Connection.ts"
import type { Handler } from "../../WebSocket/Connection/Handler.ts"
import * as BarrierState from "../Game/BarrierState.ts"
import { Game } from "../Game/Game.ts"
import { Relay, type RelayObserver } from "../Game/Relay.ts"
import { StartupBarrier } from "../Game/StartupBarrier.ts"
import * as LineLimit from "../Operations/LineLimit.ts"
import { residentBytes } from "../Operations/ResidentMemory.ts"
import { ServerConsole } from "../Operations/ServerConsole.ts"
import { Listener } from "./Listener.ts"
import type { WatchCursor } from "./WatchCursor.ts"
import { TURN_INTERVAL, WatchFeed } from "./WatchFeed.ts"
import { type WatchSnapshot, WatchState } from "./WatchState.ts"

/** What is needed of the connection of a watcher of the watch protocol. */
type Follower = Pick<Connection, "blocked" | "send" | "sendFrame" | "sendPrepared">

export class Watch extends Context.Tag("effect-c10k/Server/Watch")<
  Watch,
  {
    /** Adds a watcher of protocol 0. */
    readonly unsafeWatch: (connection: Connection) => Handler
    /** Adds a watcher of the watch protocol. */
    readonly unsafeFollow: (connection: Follower) => Handler
    /** The number of watchers of both kinds. */
    readonly unsafeCount: () => number
    readonly unsafeSnapshot: () => WatchSnapshot
  }
>() {
  static readonly layer: Layer.Layer<Watch, never, Game | Relay | StartupBarrier | ServerConsole> = Layer.scoped(
    Watch,
    Effect.suspend(() => make)
  )
}

/** Milliseconds for which a game is still followed after its last watcher, who may only have reloaded the page. */
const LINGER = 60_000

/** The milliseconds between two measurements of the memory, each of which takes some microseconds. */
const MEMORY = 1_000

/** The most lines in a second for watchers that connected, and for those that disconnected. */
const LINES = 10

const make = Effect.gen(function* () {
  const game = yield* Game
  const relay = yield* Relay
  const barrier = yield* StartupBarrier
  const console = yield* ServerConsole
  const state = new WatchState()
  state.memoryBefore = residentBytes()
  const feed = new WatchFeed(state)
  const cursors = new Map<Follower, WatchCursor>()
  /** The watchers that have listened to a client. */
  const listeners = new Map<Follower, Listener>()
  let plain = 0
  let deliveredBefore = 0
  let memoryDueAt = 0
  let stopTurns: (() => void) | undefined
  /** Whether to time the next message. One message in a turn is enough, and costs the others nothing. */
  let mustTime = false

  /** Times a message until the copies of its chunk were written, after which the microtask runs. */
  const time = () => {
    mustTime = false
    const start = performance.now()
    queueMicrotask(() => {
      const taken = performance.now() - start
      state.latency = Number.isNaN(state.latency) ? taken : state.latency + (taken - state.latency) / 8
    })
  }

  const observer: RelayObserver = {
    reset: ({ height, stateCount, topology, width }) => {
      state.reset(width, height, topology, stateCount)
      deliveredBefore = relay.unsafeDeliveries()
      for (const listener of listeners.values()) listener.listen(undefined)
    },
    record: (topic, step, cell) => {
      if (mustTime) time()
      state.record(topic, step, cell)
    },
    recordAll: (columns) => {
      if (mustTime) time()
      state.recordAll(columns)
      // Pages get it now: with a timer apart from that of the generations, some frames would have none and others two.
      if (columns.generation !== undefined) turn(true)
    }
  }
  /**
   * With the log in memory the grid is always known. With a shared log, a node follows a game only for its watchers, and
   * for some time after the last one.
   */
  let leave: (() => void) | undefined = game.isShared ? undefined : relay.unsafeObserve(observer)
  let stay: (() => void) | undefined
  const observe = () => {
    stay?.()
    leave ??= relay.unsafeObserve(observer)
  }
  const leaveLater = () => {
    if (!game.isShared) return
    stay?.()
    stay = real.after(LINGER, () => {
      leave?.()
      leave = undefined
      state.reset(0, 0)
    })
  }

  const turn = (isWhole = false) => {
    const now = performance.now()
    mustTime = true
    const barrierState = barrier.unsafeState()
    const { broken, connected, subscribed } = barrierState
    state.setPhase(BarrierState.phaseOf(barrierState))
    state.setCounts(connected, subscribed, broken)
    state.deliveries = relay.unsafeDeliveries() - deliveredBefore
    if (now >= memoryDueAt) {
      state.memory = residentBytes()
      memoryDueAt = now + MEMORY
    }
    for (const listener of listeners.values()) listener.turn()
    if (!feed.turn(now, isWhole)) return
    for (const [connection, cursor] of cursors) {
      const news = feed.next(cursor, now, !connection.blocked)
      if (news !== undefined) connection.sendPrepared(news)
    }
  }

  const listenerOf = (connection: Follower): Listener => {
    const listener = listeners.get(connection) ?? new Listener(connection, game, relay)
    listeners.set(connection, listener)
    return listener
  }

  const line = (what: string) =>
    Effect.map(
      LineLimit.make(LINES, (count) => console.unsafeLine(`${count} more watchers ${what}`)),
      (mayWrite) => () => {
        if (mayWrite()) console.unsafeLine(`Watcher ${what}`)
      }
    )
  const arrived = yield* line("connected")
  const left = yield* line("disconnected")

  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      stopTurns?.()
      stay?.()
    })
  )

  return Watch.of({
    unsafeWatch: (connection) => {
      relay.unsafeWatch(connection)
      plain++
      arrived()
      return {
        onMessage: () => {},
        onClose: () => {
          relay.unsafeUnwatch(connection)
          plain--
          left()
        }
      }
    },
    unsafeFollow: (connection) => {
      observe()
      const cursor = feed.join()
      cursors.set(connection, cursor)
      arrived()
      stopTurns ??= real.every(TURN_INTERVAL, turn)
      return {
        onMessage: (message) => {
          const request = typeof message === "string" ? parseRequest(message) : undefined
          if (request?._tag === "Listen") listenerOf(connection).listen(request.cell)
          else if (request !== undefined) cursor.receive(request)
        },
        onClose: () => {
          listeners.get(connection)?.listen(undefined)
          listeners.delete(connection)
          feed.leave(cursor)
          cursors.delete(connection)
          left()
          if (cursors.size > 0) return
          stopTurns?.()
          stopTurns = undefined
          leaveLater()
        }
      }
    },
    unsafeCount: () => plain + cursors.size,
    unsafeSnapshot: () => {
      observe()
      if (cursors.size === 0) leaveLater()
      return state.snapshot()
    }
  })
})
