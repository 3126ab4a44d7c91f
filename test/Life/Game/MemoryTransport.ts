/**
 * The server's game without sockets: the real services, with queues as connections. The next message to deliver is chosen at
 * random from all connections, so each seed is another possible order of delivery.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { PCGRandom } from "effect/Utils"
import { type CellConnection, LifeTransport, type ServerGame } from "../../../src/Life/Game/LifeTransport.ts"
import { Game } from "../../../src/Server/Game/Game.ts"
import { Relay } from "../../../src/Server/Game/Relay.ts"
import { StartupBarrier } from "../../../src/Server/Game/StartupBarrier.ts"
import type { Worker, WorkerConnection } from "../../../src/Server/Game/Worker.ts"
import type { Handler } from "../../../src/WebSocket/Connection/Handler.ts"
import type { Close } from "../../../src/WebSocket/Frames/CloseCode.ts"
import { ignore, memoryGame } from "../../Server/Game/memoryGame.ts"

type Delivery =
  | { readonly _tag: "Up"; readonly text: string }
  | { readonly _tag: "Down"; readonly text: string }
  | { readonly _tag: "Close"; readonly close: Close }

const server = memoryGame()

/** One connection: the messages under way in each direction, and its two ends. */
class Channel implements WorkerConnection {
  readonly up: Array<Delivery> = []
  readonly down: Array<Delivery> = []
  handler: Handler | undefined
  worker: Worker | undefined
  isOpen = true
  readonly #touched: () => void

  constructor(touched: () => void) {
    this.#touched = touched
  }

  /** The server sends a frame. A short text has a header of two bytes. */
  sendFrame(frame: string): void {
    if (this.isOpen) this.down.push({ _tag: "Down", text: frame.slice(2) })
    this.#touched()
  }

  /** The server closes. */
  close(code = 1005, reason = ""): void {
    if (this.isOpen) this.down.push({ _tag: "Close", close: { code, reason } })
    this.isOpen = false
    this.#touched()
  }

  pause(): void {}

  resume(): void {}

  readonly link: CellConnection = {
    send: (text) => {
      this.up.push({ _tag: "Up", text })
      this.#touched()
    },
    close: (code = 1005, reason = "") => {
      this.up.push({ _tag: "Close", close: { code, reason } })
      this.#touched()
    }
  }
}

export class MemoryNetwork extends Context.Tag("test/MemoryNetwork")<
  MemoryNetwork,
  {
    /** Cuts a part of the connections, like a broken network. */
    readonly cut: (share: number) => number
    /** Ends the server, and starts one without any game. */
    readonly restart: Effect.Effect<void>
  }
>() {}

const make = (seed: number) =>
  Effect.gen(function* () {
    const random = new PCGRandom(seed)
    const scope = yield* Effect.scope
    const start = Layer.buildWithScope(server, scope)
    let services = yield* start
    let channels: Array<Channel> = []
    let isScheduled = false

    const deliver = (channel: Channel): void => {
      const isUp = channel.up.length > 0 && (channel.down.length === 0 || random.number() < 0.5)
      const delivery = (isUp ? channel.up : channel.down).shift()
      if (delivery === undefined) return
      if (delivery._tag === "Up") channel.worker?.onMessage(delivery.text)
      else if (delivery._tag === "Down") channel.handler?.onMessage(delivery.text)
      else end(channel, delivery.close)
    }
    const end = (channel: Channel, close: Close): void => {
      channel.isOpen = false
      channels = channels.filter((each) => each !== channel)
      channel.worker?.onClose(close)
      channel.handler?.onClose(close)
    }
    const turn = () => {
      isScheduled = false
      for (let n = 0; n < 2000; n++) {
        const waiting = channels.filter(({ down, up }) => down.length + up.length > 0)
        if (waiting.length === 0) return
        // Deliver several at a time, because finding the waiting connections takes longer than a delivery.
        for (let k = 0; k < waiting.length; k++) deliver(waiting[random.integer(waiting.length)]!)
      }
      schedule()
    }
    const schedule = () => {
      if (isScheduled) return
      isScheduled = true
      setImmediate(turn)
    }
    yield* Effect.addFinalizer(() => Effect.sync(() => (channels = [])))

    const unsafeConnect = (_: object, onOpen: (link: CellConnection) => Handler) => {
      const channel = new Channel(schedule)
      channels.push(channel)
      channel.handler = onOpen(channel.link)
      channel.worker = Context.get(services, Game).unsafeJoin(channel)
      return () => {}
    }
    const existing = Effect.sync((): ServerGame => {
      const { phase, connected } = Context.get(services, StartupBarrier).unsafeState()
      return {
        ...Context.get(services, Relay).unsafeGrid(),
        phase: phase === "running" && connected === 0 ? "ended" : phase
      }
    })
    const lose = (lost: ReadonlyArray<Channel>) => {
      for (const channel of lost) end(channel, { code: 1006, reason: "" })
      return lost.length
    }
    return Context.make(
      LifeTransport,
      LifeTransport.of({
        unsafeConnect,
        serverGame: existing,
        reset: (reset) => Effect.sync(() => Context.get(services, Game).unsafeReset(reset, ignore))
      })
    ).pipe(
      Context.add(
        MemoryNetwork,
        MemoryNetwork.of({
          cut: (share) => lose(channels.filter(() => random.number() < share)),
          restart: Effect.andThen(
            Effect.sync(() => lose(channels)),
            Effect.map(start, (started) => {
              services = started
            })
          )
        })
      )
    )
  })

/** Delivers in a random order that depends on `seed`. */
export const layer = (seed: number): Layer.Layer<LifeTransport | MemoryNetwork> => Layer.scopedContext(make(seed))
