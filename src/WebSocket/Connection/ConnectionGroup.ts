/** Connections that are closed together, such as those of a server. Several groups share a reactor. */
import type { Socket } from "node:net"
import * as Effect from "effect/Effect"
import { type Close, CloseCode } from "../Frames/CloseCode.ts"
import { Connection } from "./Connection.ts"
import type { ConnectionContext, ConnectionOptions, Tally } from "./ConnectionContext.ts"

/** Milliseconds between two batches of closed connections, when closing is spread over a time. */
const ROUND = 20

/** Shared by all groups of a reactor. */
export interface GroupContext extends ConnectionContext<Connection> {
  /** Writes the bytes that were gathered for all connections. */
  readonly flush: () => void
}

export class ConnectionGroup {
  readonly #connections = new Set<Connection>()
  readonly #context: GroupContext
  readonly #connectionContext: ConnectionContext<Connection>
  #ending: Close | undefined = undefined
  /** Open while there is no connection. */
  readonly #empty = Effect.unsafeMakeLatch(true)

  constructor(context: GroupContext) {
    this.#context = context
    this.#connectionContext = { ...context, closed: (connection) => this.#closed(connection) }
  }

  /** The connections that still have a socket. */
  get connections(): ReadonlySet<Connection> {
    return this.#connections
  }

  /** Whether the group is closing or closed, so that no connection may be accepted any more. */
  get isEnding(): boolean {
    return this.#ending !== undefined
  }

  /** Makes a connection of a socket after its handshake. A group that is ending closes it at once. */
  unsafeAttach(socket: Socket, options: ConnectionOptions, tally?: Tally<Connection>): Connection {
    const connection = new Connection(socket, this.#connectionContext, options, tally)
    this.#connections.add(connection)
    this.#empty.unsafeClose()
    if (this.#ending !== undefined) connection.close(this.#ending.code, this.#ending.reason)
    return connection
  }

  /**
   * Closes all connections, for good, and waits until their sockets are gone; the reactor's `closeTimeout` limits that
   * wait. The closing is spread over at most `spread` milliseconds, so that the clients do not all reconnect at once; a
   * few connections take less time. Closes with 1001, `going away`, at once, unless told otherwise.
   */
  closeAll(code: number = CloseCode.GoingAway, reason: string = "going away", spread: number = 0): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#ending ??= { code, reason }
      return Effect.zipRight(this.#close([...this.#connections], { code, reason }, spread), this.#empty.await)
    })
  }

  #close(leaving: ReadonlyArray<Connection>, { code, reason }: Close, spread: number): Effect.Effect<void> {
    const rounds = Math.max(1, Math.floor(Math.min(spread, leaving.length) / ROUND))
    const close = (round: number) =>
      Effect.sync(() => {
        const start = Math.floor((round * leaving.length) / rounds)
        const end = Math.floor(((round + 1) * leaving.length) / rounds)
        for (const connection of leaving.slice(start, end)) connection.leave(code, reason)
        this.#context.flush()
      })
    return Effect.iterate(0, {
      while: (round) => round < rounds,
      body: (round) => Effect.as(round === 0 ? close(0) : Effect.delay(close(round), ROUND), round + 1)
    })
  }

  #closed(connection: Connection): void {
    this.#connections.delete(connection)
    this.#context.closed(connection)
    if (this.#connections.size === 0) this.#empty.unsafeOpen()
  }
}
