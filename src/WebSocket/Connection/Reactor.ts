/**
 * The core of the server and of the clients: one `Stream` through which the messages of all connections pass.
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
import * as EffectTimer from "../../Time/EffectTimer.ts"
import type { Timer } from "../../Time/Timer.ts"
import { free } from "../Frames/Detach.ts"
import { ChunkScheduler } from "./ChunkScheduler.ts"
import type { Connection } from "./Connection.ts"
import type { ConnectionEvent, ConnectionOptions, Tally } from "./ConnectionContext.ts"
import { ConnectionGroup, type GroupContext } from "./ConnectionGroup.ts"
import { Deadlines } from "./Deadlines.ts"
import * as DirectWrites from "./DirectWrites.ts"
import * as FaultLog from "./FaultLog.ts"
import * as Heartbeat from "./Heartbeat.ts"
import { Inbox } from "./Inbox.ts"
import * as LimitClose from "./LimitClose.ts"
import { MemoryBudget } from "./MemoryBudget.ts"
import * as OptionRange from "./OptionRange.ts"
import { Outbox } from "./Outbox.ts"
import * as ReactorOptions from "./ReactorOptions.ts"
import * as SocketListeners from "./SocketListeners.ts"
import * as Traffic from "./Traffic.ts"
import { TurnBudget } from "./TurnBudget.ts"

/** The connections of all groups of a reactor. */
export interface Connections extends Iterable<Connection> {
  readonly size: number
}

/** Runs connections: reads them, calls their handlers in chunks, writes to them, and closes them in time. */
export class Reactor extends Context.Tag("effect-c10k/WebSocket/Reactor")<
  Reactor,
  {
    /** All connections that have a socket. */
    readonly connections: Connections
    /** Counts of messages, bytes and writes since the start. */
    readonly traffic: Readonly<Traffic.Traffic>
    /**
     * The limit in bytes, the bytes kept for all peers, and the number of owners that were given up because of the limit.
     * Whoever keeps bytes of a peer counts them here, in a `MemoryAccount`.
     */
    readonly memory: MemoryBudget
    /**
     * Whether accepted sockets read past their streams, and whether sockets without TLS are written past them: the option
     * `directIo`, if this version of Node has what it needs.
     */
    readonly directIo: { readonly reads: boolean; readonly writes: boolean }
    /** Effect's clock, for code outside of Effect. */
    readonly timer: Timer
    /** Logs what callbacks throw. */
    readonly faults: FaultLog.FaultLog
    /** Makes a group of connections, which are closed together, with 1001, when the scope ends. */
    readonly makeGroup: Effect.Effect<ConnectionGroup, never, Scope.Scope>
    /** Makes a connection of a socket whose handshake is done, in a group that ends with the reactor. */
    readonly unsafeAttach: (socket: Socket, options: ConnectionOptions, tally?: Tally<Connection>) => Connection
  }
>() {
  /** The reactor lives as long as its scope, then closes all connections with 1001. */
  static readonly layer = (options?: Partial<ReactorOptions.ReactorOptions>): Layer.Layer<Reactor> =>
    Layer.scoped(
      Reactor,
      Effect.gen(function* () {
        const problem = OptionRange.problemOf(options ?? {})
        if (problem !== undefined) return yield* Effect.dieMessage(`a Reactor can't start: ${problem}`)
        return yield* make(yield* ReactorOptions.complete(options))
      })
    )
}

interface Received {
  readonly connection: Connection
  readonly event: ConnectionEvent<Connection>
}

const make = Effect.fn("Reactor.make")(function* (options: ReactorOptions.ReactorOptions) {
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
  const unread = yield* Deadlines.make<Connection>(options.unreadTimeout, LimitClose.unread)
  const unfinished = yield* Deadlines.make<Connection>(options.messageTimeout, LimitClose.unfinished)
  const traffic = Traffic.make()
  const memory = new MemoryBudget(options.maxMemory)

  const context: GroupContext = {
    traffic,
    isDirect: options.directIo,
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
  // Finalizers run in reverse: the connections close, then handlers get a turn to hear of that, then the loop ends.
  yield* Effect.addFinalizer(() => turnOfTheLoop)
  const own = yield* makeGroup

  return Reactor.of({
    connections,
    traffic,
    memory,
    directIo: {
      reads: options.directIo && SocketListeners.isAvailable,
      writes: options.directIo && DirectWrites.isAvailable
    },
    timer,
    faults,
    makeGroup,
    unsafeAttach: (socket, connectionOptions, tally) => own.unsafeAttach(socket, connectionOptions, tally)
  })
})

/** A turn of the event loop, in which the loop handles what has come. */
const turnOfTheLoop = Effect.async<void>((resume) => {
  setImmediate(() => setImmediate(() => resume(Effect.void)))
})

/** Nothing is served without the loop. A process manager restarts a process that ended, and none that hangs. */
const die = (faults: FaultLog.FaultLog, error: unknown): void => {
  faults.unsafeReport("The reactor's loop failed and no connection can be served: the process ends", error)
  setImmediate(() => {
    throw error
  })
}

/** A handler that throws ends its own connection and no other. */
const dispatch = ({ connection, event }: Received): void => {
  try {
    if (typeof event === "string" || event instanceof Uint8Array) {
      // A handler that keeps the message counts it anew.
      connection.release(event.length)
      // Messages that follow in the same read are not handled once an earlier one has ended the connection.
      if (connection.isOpen) connection.handler?.onMessage(event)
      else free(event)
    } else if (typeof event === "function") event(connection)
    else connection.handler?.onClose(event)
  } catch (error) {
    connection.fail(error)
  }
}
