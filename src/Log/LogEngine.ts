/**
 * The engine under a shared log: it keeps bytes in one order and delivers them to every reader. It may lose bytes, and
 * may keep them twice; `SharedLog` makes up for both.
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { LogError } from "./LogError.ts"

/** The callbacks for the entries of an engine's log. */
export interface EngineReader {
  /** The next entry. Positions begin at 1 and increase. */
  readonly entry: (bytes: Uint8Array, position: number) => void
  /** The engine has lost the log and created another one with its name, which is read from its start. */
  readonly replaced: () => void
}

/** One log of an engine. */
export interface EngineLog {
  /** Identifies this log among those that had its name. */
  readonly generation: () => string
  readonly isConnected: () => boolean
  /**
   * Gives bytes to the engine, which may lose them. `isRepeated`: they were given before, so the engine is asked why it
   * did not keep them.
   */
  readonly publish: (bytes: Uint8Array, isRepeated?: boolean) => void
  /** The position of the last entry at this time. Rejects if the engine does not answer. */
  readonly end: () => Promise<number>
  /** The position of the oldest entry that is kept. */
  readonly first: () => Promise<number>
  /** Starts reading at a position. May be called once. */
  readonly read: (from: number, reader: EngineReader) => void
  /** The newest snapshot that was saved. */
  readonly loadSnapshot: () => Promise<Uint8Array | undefined>
  /** Saves a snapshot, which replaces the last one. */
  readonly saveSnapshot: (snapshot: Uint8Array) => Promise<void>
}

/** An engine that keeps logs. */
export interface LogEngine {
  readonly open: (name: string) => Effect.Effect<EngineLog, LogError, Scope.Scope>
  readonly remove: (name: string) => Effect.Effect<void, LogError>
  /** Calls `each` with the kept entries from a position on, up to the present end, while it returns `true`. */
  readonly scan: (
    name: string,
    from: number,
    each: (bytes: Uint8Array, position: number) => boolean
  ) => Effect.Effect<void, LogError>
}
