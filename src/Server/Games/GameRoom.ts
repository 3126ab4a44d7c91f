/** One game with all its services, and the clients that are connected to it on this node. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { every } from "../../Time/SharedInterval.ts"
import type { Connection } from "../../WebSocket/Connection/Connection.ts"
import { type Handler, withEnd } from "../../WebSocket/Connection/Handler.ts"
import * as GameModule from "../Game/Game.ts"
import * as GameMetrics from "../Game/GameMetrics.ts"
import { Relay } from "../Game/Relay.ts"
import { StartupBarrier } from "../Game/StartupBarrier.ts"
import { History } from "../History/History.ts"
import { Watch } from "../Watch/Watch.ts"
import { StepRate } from "./StepRate.ts"

/** Milliseconds between two polls of the step. */
const POLL = 1000
/** Milliseconds over which the rate is measured. */
const WINDOW = 5000

/** The entry of one game in a list of games. */
export interface Summary {
  readonly topology: string
  readonly phase: "connecting" | "subscribing" | "running"
  /** The step of the game's first cell; -1 before its first state. */
  readonly step: number
  /** Steps in a second, over the last five seconds. Absent while it is not known: in the first seconds of a game. */
  readonly rate?: number
  readonly workers: number
  readonly watchers: number
}

export class GameRoom {
  readonly game: GameModule.Game["Type"]
  readonly watch: Watch["Type"]
  readonly #history: History["Type"]
  readonly #relay: Relay["Type"]
  readonly #barrier: StartupBarrier["Type"]
  readonly #connections = new Set<Pick<Connection, "close">>()
  readonly #rate = new StepRate(WINDOW)
  #readers = 0

  constructor(services: Context.Context<GameModule.Game | Relay | StartupBarrier | Watch | History>) {
    this.game = Context.get(services, GameModule.Game)
    this.watch = Context.get(services, Watch)
    this.#history = Context.get(services, History)
    this.#relay = Context.get(services, Relay)
    this.#barrier = Context.get(services, StartupBarrier)
  }

  get isUsed(): boolean {
    return this.#connections.size + this.#readers > 0
  }

  /** Counts a reader of the game's history until the scope ends. */
  readonly read: Effect.Effect<History["Type"], never, Scope.Scope> = Effect.acquireRelease(
    Effect.sync(() => {
      this.#readers++
      return this.#history
    }),
    () => Effect.sync(() => void this.#readers--)
  )

  /** Counts a connection until it ends. */
  attach(connection: Pick<Connection, "close">, handler: Handler): Handler {
    this.#connections.add(connection)
    return withEnd(handler, () => this.#connections.delete(connection))
  }

  closeAll(code: number, reason: string): void {
    for (const connection of this.#connections) connection.close(code, reason)
  }

  /** Must be called about every second. */
  poll(now: number): void {
    this.#rate.record(this.#relay.unsafeStep(0), now)
  }

  summary(): Summary {
    const { connected, phase } = this.#barrier.unsafeState()
    const rate = this.#rate.perSecond
    return {
      topology: this.#relay.unsafeGrid().topology,
      phase,
      step: this.#relay.unsafeStep(0),
      ...(rate === undefined ? {} : { rate: Math.round(rate * 10) / 10 }),
      workers: connected,
      watchers: this.watch.unsafeCount()
    }
  }
}

const servicesOf = (log: string, name?: string) =>
  Layer.provideMerge(Layer.merge(Watch.layer, History.layer), GameModule.layerOf(log, name))

/** The game with this name and log, until the scope ends. */
export const make = Effect.fn("GameRoom.make")(function* (name: string, log: string) {
  const services = Layer.provideMerge(GameMetrics.layer, servicesOf(log, name))
  const room = new GameRoom(yield* Layer.build(Layer.fresh(services)))
  yield* Effect.acquireRelease(
    Effect.sync(() => every(POLL, () => room.poll(performance.now()))),
    (stop) => Effect.sync(stop)
  )
  return room
})

/** A placeholder for games that do not exist yet, which watchers may wait for. */
export const nothing = Effect.map(Layer.build(Layer.fresh(servicesOf("nothing"))), (services) => new GameRoom(services))
