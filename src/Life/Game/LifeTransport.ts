/** How cells reach the relay. Tests replace this service with one in memory. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Reset } from "../../Protocol/Protocol0.ts"
import type { Phase } from "../../Protocol/WatchProtocol.ts"
import type { Handler } from "../../WebSocket/Connection/Handler.ts"
import type { ConnectError } from "../../WebSocket/Http/ConnectError.ts"
import type { GameFailure } from "./GameClosed.ts"

/** A cell's end of its connection to the relay. */
export interface CellConnection {
  readonly send: (text: string) => void
  readonly close: (code?: number, reason?: string) => void
}

/** The topology is "" if the server knows none. */
export interface ServerGame extends Reset {
  readonly phase: Phase
}

export class LifeTransport extends Context.Tag("effect-c10k/Life/LifeTransport")<
  LifeTransport,
  {
    /** Asks the server for a new game and waits until the server has started it. Fails with `GameClosed` if the server refuses. */
    readonly reset: (reset: Reset) => Effect.Effect<void, ConnectError | GameFailure>
    /**
     * Begins to connect the worker of a cell. `onOpen` makes the handler of its messages, and `onFailure` is called instead if there
     * is no connection. Returns a function that gives up, after which nothing is called.
     */
    readonly unsafeConnect: (
      cell: { readonly row: number; readonly col: number },
      onOpen: (link: CellConnection) => Handler,
      onFailure: (error: ConnectError) => void
    ) => () => void
    /** The game that the server holds; `undefined` if it holds none or does not speak the watch protocol. */
    readonly serverGame: Effect.Effect<ServerGame | undefined, ConnectError, Scope.Scope>
  }
>() {}
