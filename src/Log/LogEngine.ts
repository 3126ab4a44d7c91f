/**
 * What can be under a shared log: it keeps the bytes it is given in one order and gives them to every reader. It may lose what it is
 * given, and keep it twice; `SharedLog` makes up for both.
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { LogError } from "./LogError.ts"

export interface EngineReader {
  /** The next entry. Positions begin at 1 and grow. */
  readonly entry: (bytes: Uint8Array, position: number) => void
  /** The engine has lost the log and begun another of this name: it is read from its start. */
  readonly replaced: () => void
}

export interface EngineLog {
  /** Tells this log from others that had its name. */
  readonly generation: () => string
  readonly isConnected: () => boolean
  /** Gives bytes to the engine, which may lose them; of what is given again it may ask why it was lost. */
  readonly publish: (bytes: Uint8Array, isRepeated?: boolean) => void
  /** The position of the last entry now; rejects when the engine does not answer. */
  readonly end: () => Promise<number>
  /** The position of the oldest entry that is kept. */
  readonly first: () => Promise<number>
  /** Begins to read at a position, once. */
  readonly read: (from: number, reader: EngineReader) => void
  /** The newest snapshot that was saved. */
  readonly loadSnapshot: () => Promise<Uint8Array | undefined>
  readonly saveSnapshot: (snapshot: Uint8Array) => Promise<void>
}

export interface LogEngine {
  readonly open: (name: string) => Effect.Effect<EngineLog, LogError, Scope.Scope>
  readonly remove: (name: string) => Effect.Effect<void, LogError>
  /** The kept entries from a position on, up to the end as of now, while `each` returns `true`. */
  readonly scan: (
    name: string,
    from: number,
    each: (bytes: Uint8Array, position: number) => boolean
  ) => Effect.Effect<void, LogError>
}
