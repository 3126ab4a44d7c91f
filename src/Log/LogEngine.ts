/**
 * The engine under a shared log: it keeps bytes in one order and delivers them to every reader. It may lose bytes, and
 * may keep them twice; `SharedLog` makes up for both. It may also lose what was read already; then it says so.
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { LogError } from "./LogError.ts"

/**
 * Why what was read so far does not join on to what the engine has. `missed`: the entries after it are not there, but
 * later ones are: the engine dropped its oldest ones meanwhile, or has lost some in the middle. `back`: it has lost its newest
 * entries, and may have others at their positions. `replaced`: it has lost the log, and has another one of this name.
 */
export type Break = "missed" | "back" | "replaced"

export interface EngineEntry {
  readonly bytes: Uint8Array
  /** From 1 on. */
  readonly position: number
  /** The bytes that it takes of those that the engine keeps. */
  readonly size: number
}

/** The callbacks for the entries of an engine's log. The engine sees to it that each entry follows the one before it. */
export interface EngineReader {
  readonly entry: (entry: EngineEntry) => void
  /** Reading has stopped, because it can't go on after the last entry. It begins again with `read`. */
  readonly broken: (why: Break) => void
}

export interface LogPosition {
  /** The position of the last entry that was read; 0 before the first. */
  readonly position: number
  /**
   * The position up to which this log's entries are known to be read. It is higher than `position` if the engine keeps
   * other entries, which are not this log's, after it.
   */
  readonly through: number
  /** Identifies the entry at `position` among all that may ever be at this position; empty if it is not known. */
  readonly mark: string
}

/** One log of an engine, or one key of it. */
export interface EngineLog {
  /** Identifies this log among those that had its name. */
  readonly origin: () => string
  readonly isConnected: () => boolean
  /** Bytes that the engine keeps of it; the oldest entries go first. */
  readonly keep: number
  /**
   * Gives bytes to the engine, which may lose them. `isRepeated`: they were given before, so the engine is asked why it
   * did not keep them.
   */
  readonly publish: (bytes: Uint8Array, isRepeated?: boolean) => void
  /**
   * The position of the oldest entry that the engine keeps, of whatever key (one more than the newest if it keeps none),
   * and of the newest entry of this log (0 if there is none). Rejects if the engine does not answer.
   */
  readonly bounds: () => Promise<{ readonly first: number; readonly last: number }>
  /** Whether reading can go on after a place. */
  readonly joins: (place: LogPosition) => Promise<"joins" | Break>
  /** Reads what comes after a place, in place of what was read until now. */
  readonly read: (after: LogPosition, reader: EngineReader) => void
  /** The place after the last entry that was delivered. */
  readonly place: () => LogPosition
  readonly loadSnapshot: () => Promise<Uint8Array | undefined>
  /** Saves a snapshot, which replaces the last one. */
  readonly saveSnapshot: (snapshot: Uint8Array) => Promise<void>
}

/** An engine that keeps logs. A key has its own entries and snapshots; their positions are those of the whole log. */
export interface LogEngine {
  readonly open: (name: string, key: string | undefined) => Effect.Effect<EngineLog, LogError, Scope.Scope>
  readonly names: Effect.Effect<ReadonlyArray<string>, LogError>
  /** Removes a log with all its keys. */
  readonly remove: (name: string) => Effect.Effect<void, LogError>
  /** Calls `each` with the kept entries from a position on, up to the present end, while it returns `true`. */
  readonly scan: (
    name: string,
    key: string | undefined,
    from: number,
    each: (bytes: Uint8Array, position: number) => boolean
  ) => Effect.Effect<void, LogError>
}
