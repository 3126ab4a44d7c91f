/** How cells reach the relay: the seam between the game and the network. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Reset } from "../../Protocol/Protocol0.ts"
import type { Handler } from "../../WebSocket/Connection/Handler.ts"
import type { ConnectError } from "../../WebSocket/Http/ConnectError.ts"
import type { GameClosed } from "./GameClosed.ts"

/** A worker's connection, as its cell uses it. */
export interface Link {
  readonly send: (text: string) => void
  readonly close: (code?: number, reason?: string) => void
}

/** Properties of the game of a server. */
export interface Held {
  readonly width: number
  readonly height: number
  readonly topology: string
  readonly stateCount: number
  readonly phase: "idle" | "connecting" | "subscribing" | "running" | "ended"
}

export class LifeTransport extends Context.Tag("effect-c10k/Life/LifeTransport")<
  LifeTransport,
  {
    /** Asks the server for a new game; waits until it has one. */
    readonly reset: (reset: Reset) => Effect.Effect<void, ConnectError | GameClosed>
    /** Connects a worker; `onOpen` makes what receives its messages. */
    readonly connect: (onOpen: (link: Link) => Handler) => Effect.Effect<void, ConnectError>
    /** The game that the server holds; `undefined` if it does not speak the watch protocol. */
    readonly held: Effect.Effect<Held | undefined, ConnectError, Scope.Scope>
  }
>() {}
