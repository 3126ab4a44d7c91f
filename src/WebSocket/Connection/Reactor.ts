/**
 * The spine of the server and of the clients: one `Stream` through which the messages of all connections pass.
 *
 * socket bytes -> frame decoder -> inbox -> a Stream of chunks -> the handler of each message's connection ->
 * outbox -> one write per touched connection when the chunk is done.
 */

import type { Socket } from "node:net"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { ChunkScheduler } from "./ChunkScheduler.ts"
import type { Connection } from "./Connection.ts"
import type { ConnectionEvent, ConnectionOptions, Tally } from "./ConnectionContext.ts"
import { ConnectionGroup, type GroupContext } from "./ConnectionGroup.ts"
import { Deadlines } from "./Deadlines.ts"
import * as EffectTimer from "./EffectTimer.ts"
import * as FaultLog from "./FaultLog.ts"
import * as Heartbeat from "./Heartbeat.ts"
import { Inbox } from "./Inbox.ts"
import { MemoryBudget, ofMachine } from "./MemoryBudget.ts"
import { Outbox } from "./Outbox.ts"
import * as Traffic from "./Traffic.ts"
import { TurnBudget } from "./TurnBudget.ts"

export interface ReactorOptions {
  /** A chunk of so many messages is handled without waiting for the end of the event loop's turn. 1024 unless given. */
  readonly batch: number
  /** Milliseconds that a peer has to answer a close frame. 5,000 unless given. */
  readonly closeTimeout: number
  /** Milliseconds for which a handler may leave a peer unread, because it takes no messages or waits for the peer to read. 300,000 unless given. */
  readonly unreadTimeout: number
  /** Milliseconds from the first byte of a message to its last. 120,000 unless given. */
  readonly messageTimeout: number
  /** Milliseconds between pings; a peer that is silent for two rounds is cut off. 0, unless given: no pings. */
  readonly heartbeat: number
  /**
   * Bytes to hold for all peers together: bytes to send, messages that wait for a handler, unfinished messages. Over this limit
   * the connections that hold most are closed with 1013. A quarter of the machine's memory unless given.
   */
  readonly maxMemory: number
}

const defaults: Omit<ReactorOptions, "maxMemory"> = {
  batch: 1024,
  closeTimeout: 5000,
  unreadTimeout: 300_000,
  messageTimeout: 120_000,
  heartbeat: 0
}

/** The connections of all groups of a reactor. */
export interface Connections extends Iterable<Connection> {
  readonly size: number
}

export class Reactor extends Context.Tag("effect-c10k/WebSocket/Reactor")<
  Reactor,
  {
    /** All connections that have a socket. */
    readonly connections: Connections
    /** Sums since the start. */
    readonly traffic: Readonly<Traffic.Traffic>
    /** Bytes held for all peers, the limit, and the number of connections that were closed because of it. */
    readonly memory: Pick<MemoryBudget, "limit" | "held" | "givenUp">
    /** Effect's clock, for code outside of Effect. */
    readonly timer: EffectTimer.Timer
    /** Reports what callbacks throw. */
    readonly faults: FaultLog.FaultLog
    /** Makes a group of connections, which are closed together, with 1001, when the scope ends. */
    readonly makeGroup: Effect.Effect<ConnectionGroup, never, Scope.Scope>
    /** Makes a connection of a socket whose handshake is done, in a group that ends with the reactor. */
    readonly unsafeAttach: (socket: Socket, options: ConnectionOptions, tally?: Tally<Connection>) => Connection
  }
>() {
  /** Lives as long as its scope, then closes all connections with 1001. */
  static readonly layer = (options?: Partial<ReactorOptions>): Layer.Layer<Reactor> =>
    Layer.scoped(
      Reactor,
      Effect.suspend(() => make({ ...defaults, maxMemory: ofMachine(), ...options }))
    )
}

interface Received {
  readonly connection: Connection
  readonly event: ConnectionEvent<Connection>
}

const make = Effect.fn("Reactor.make")(function* (options: ReactorOptions) {
  const groups = new Set<ConnectionGroup>()
  const connections: Connections = {
    get size() {
      let size = 0
      for (const group of groups) size += group.connections.size
      return size
    },
    *[Symbol.iterator]() {
      for (const group of groups) yield* group.connections
    }
  }
  const faults = yield* FaultLog.make
  const inbox = new Inbox<Received>(options.batch)
  const outbox = new Outbox()
  const timer = yield* EffectTimer.make
  const scheduler = new ChunkScheduler((error) => faults.unsafeReport("A fiber that a message woke threw", error))
  const unanswered = yield* Deadlines.make<Connection>(options.closeTimeout, (connection) => connection.terminate())
  const unread = yield* Deadlines.make<Connection>(options.unreadTimeout, (connection) => connection.abandon())
  const unfinished = yield* Deadlines.make<Connection>(options.messageTimeout, (connection) => connection.tooLate())
  const traffic = Traffic.make()
  const memory = new MemoryBudget(options.maxMemory)

  const context: GroupContext = {
    traffic,
    memory,
    timer,
    scheduler,
    receive: (connection, event) => inbox.push({ connection, event }),
    touch: (sender) => outbox.touch(sender),
    closing: (connection) => unanswered.add(connection),
    unread,
    unfinished,
    turns: new TurnBudget(),
    closed: (connection) => {
      unanswered.delete(connection)
      unread.delete(connection)
      unfinished.delete(connection)
    },
    failed: (connection, error) => faults.unsafeReport("A connection failed", error, connection.annotations),
    flush: () => outbox.flush()
  }

  const makeGroup = Effect.acquireRelease(
    Effect.sync(() => {
      const group = new ConnectionGroup(context)
      groups.add(group)
      return group
    }),
    (group) => Effect.tap(group.closeAll(), () => Effect.sync(() => groups.delete(group)))
  )

  const loop = yield* inbox.stream.pipe(
    Stream.runForEachChunk((chunk) =>
      Effect.sync(() => {
        scheduler.open()
        for (const received of chunk) dispatch(received)
        scheduler.run()
        outbox.endChunk(chunk.length)
      })
    ),
    Effect.forkScoped
  )
  loop.addObserver((exit) => {
    if (Exit.isFailure(exit) && !Exit.isInterrupted(exit)) die(faults, Cause.squash(exit.cause))
  })
  const peers: Heartbeat.Peers = { forEach: (f) => groups.forEach((group) => group.connections.forEach(f)) }
  if (options.heartbeat > 0) yield* Heartbeat.start(peers, options.heartbeat)
  // Before the loop ends, and after the connections: their handlers are told of that.
  yield* Effect.addFinalizer(() => turnOfTheLoop)
  const own = yield* makeGroup

  return Reactor.of({
    connections,
    traffic,
    memory,
    timer,
    faults,
    makeGroup,
    unsafeAttach: (socket, connectionOptions, tally) => own.unsafeAttach(socket, connectionOptions, tally)
  })
})

/** In which what has come is handled. */
const turnOfTheLoop = Effect.async<void>((resume) => {
  setImmediate(() => setImmediate(() => resume(Effect.void)))
})

/** No connection is served without the loop: better no process than a deaf one, which nobody starts anew. */
const die = (faults: FaultLog.FaultLog, error: unknown): void => {
  faults.unsafeReport("The reactor's loop ended, and no connection can be served: this is fatal", error)
  setImmediate(() => {
    throw error
  })
}

/** A handler that fails ends its connection, and no other. */
const dispatch = ({ connection, event }: Received): void => {
  try {
    if (typeof event === "function") return event(connection)
    const handler = connection.handler
    if (handler === undefined) return
    if (typeof event === "string" || event instanceof Uint8Array) {
      // What came in the same read as a message that ended the connection is not handled any more.
      if (connection.isOpen) handler.onMessage(event)
    } else handler.onClose(event)
  } catch (error) {
    connection.fail(error)
  }
}
