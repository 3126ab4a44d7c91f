/**
 * The spine of the server and of the clients: one `Stream` through which the messages of all connections pass.
 *
 * socket bytes -> frame decoder -> inbox -> a Stream of chunks -> the handler of each message's connection ->
 * outbox -> one write per touched connection when the chunk is done.
 */

import type { Socket } from "node:net"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { type Close, CloseCode } from "../Frames/CloseCode.ts"
import type { Message } from "../Frames/Message.ts"
import { Connection } from "./Connection.ts"
import type { ConnectionContext, ConnectionOptions, Tally } from "./ConnectionContext.ts"
import { Deadlines } from "./Deadlines.ts"
import * as Heartbeat from "./Heartbeat.ts"
import { Inbox } from "./Inbox.ts"
import { Outbox } from "./Outbox.ts"
import * as Traffic from "./Traffic.ts"

export interface ReactorOptions {
  /** Messages after which a chunk is handled without waiting for the end of the event loop's turn. */
  readonly batch: number
  /** Milliseconds that a peer has to answer the closing handshake. */
  readonly closeTimeout: number
  /** Milliseconds between pings; a peer silent for two rounds is terminated. 0: none. */
  readonly heartbeat: number
}

const defaults: ReactorOptions = { batch: 1024, closeTimeout: 5000, heartbeat: 0 }

export class Reactor extends Context.Tag("effect-c10k/WebSocket/Reactor")<
  Reactor,
  {
    /** All connections that have a socket. */
    readonly connections: ReadonlySet<Connection>
    /** Sums since the start. */
    readonly traffic: Readonly<Traffic.Traffic>
    /** Makes a connection of a socket whose handshake is done; `tally` hears of its end. */
    readonly unsafeAttach: (socket: Socket, options: ConnectionOptions, tally?: Tally<Connection>) => Connection
    /**
     * Closes all connections and waits until their sockets are gone, which `closeTimeout` limits. Spread over `spread`
     * milliseconds, so that clients do not all come back at once, though a few are closed sooner.
     */
    readonly closeAll: (code: number, reason: string, spread?: number) => Effect.Effect<void>
  }
>() {
  static readonly layer = (options?: Partial<ReactorOptions>): Layer.Layer<Reactor> =>
    Layer.scoped(Reactor, make({ ...defaults, ...options }))
}

/** Messages in a turn from which on the next turn is likely to bring more for the same connections. */
const BUSY = 100

/** Milliseconds between the parts in which connections are closed, when that is spread over a time. */
const ROUND = 20

interface Received {
  readonly connection: Connection
  readonly event: Message | Close | (() => void)
}

const make = Effect.fn("Reactor.make")(function* (options: ReactorOptions) {
  const connections = new Set<Connection>()
  const inbox = new Inbox<Received>(options.batch)
  const outbox = new Outbox()
  const unanswered = new Deadlines<Connection>(options.closeTimeout, (connection) => connection.terminate())
  const traffic = Traffic.make()
  let waiting: (() => void) | undefined

  const context: ConnectionContext<Connection> = {
    traffic,
    receive: (connection, event) => inbox.push({ connection, event }),
    touch: (connection) => outbox.touch(connection),
    closing: (connection) => unanswered.add(connection),
    closed: (connection) => {
      connections.delete(connection)
      unanswered.delete(connection)
      if (connections.size === 0) waiting?.()
    }
  }

  const closeAll = Effect.fn("Reactor.closeAll")(function* (code: number, reason: string, spread = 0) {
    const leaving = [...connections]
    const rounds = Math.max(1, Math.floor(Math.min(spread, leaving.length) / ROUND))
    for (let round = 0; round < rounds; round++) {
      if (round > 0) yield* Effect.sleep(ROUND)
      const start = Math.floor((round * leaving.length) / rounds)
      const end = Math.floor(((round + 1) * leaving.length) / rounds)
      for (const connection of leaving.slice(start, end)) connection.close(code, reason)
      outbox.flush()
    }
    yield* Effect.async<void>((resume) => {
      if (connections.size === 0) return resume(Effect.void)
      waiting = () => resume(Effect.void)
    })
  })

  yield* inbox.stream.pipe(
    Stream.runForEachChunk((chunk) =>
      Effect.sync(() => {
        for (const received of chunk) dispatch(received)
        if (chunk.length < BUSY) outbox.flush()
        else outbox.hold()
      })
    ),
    Effect.forkScoped
  )
  if (options.heartbeat > 0) yield* Heartbeat.start(connections, options.heartbeat)
  yield* Effect.addFinalizer(() => closeAll(CloseCode.GoingAway, "going away"))

  return Reactor.of({
    connections,
    traffic,
    unsafeAttach: (socket, connectionOptions, tally) => {
      const connection = new Connection(socket, context, connectionOptions, tally)
      connections.add(connection)
      return connection
    },
    closeAll
  })
})

/** The handler of a connection failed: the peer is told no more than that. */
export const fail = (connection: Connection, error: unknown): void => {
  connection.close(CloseCode.InternalError, "internal error")
  process.emitWarning(error instanceof Error ? error : String(error))
}

/** A handler that fails ends its connection, and no other. */
const dispatch = ({ connection, event }: Received): void => {
  const handler = connection.handler
  if (typeof event === "function") return event()
  if (handler === undefined) return
  try {
    if (typeof event === "string" || event instanceof Uint8Array) handler.onMessage(event)
    else handler.onClose(event)
  } catch (error) {
    fail(connection, error)
  }
}
