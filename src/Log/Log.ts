/**
 * An ordered log: all readers see each entry once, in the same order. With it several processes can hold the same
 * state: each folds the entries into its state, and acts on an entry when it reads it from the log, not when it writes
 * it.
 *
 * Functions named `unsafe…` are called outside of Effect, while messages are handled. None of them throws.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { LogError } from "./LogError.ts"

/** Encodes entries that leave the process or are stored. */
export interface Codec<A> {
  /** Must not throw. */
  readonly encode: (entry: A) => Uint8Array
  /**
   * Returns `undefined` for bytes that are not an entry, such as those of a later version. Such entries are skipped.
   */
  readonly decode: (bytes: Uint8Array) => A | undefined
}

/** Callbacks for the contents of the log, in their order. */
export interface Reader<A> {
  /**
   * The next entry, including those of this process. None is left out: a repeated one takes a position too, so positions
   * increase, but need not be consecutive.
   */
  readonly entry: (entry: A, position: number) => void
  /**
   * Returns the state after the last entry, at which later readers begin. Without it, readers begin at the first entry.
   */
  readonly snapshot?: () => Uint8Array
  /**
   * Sets the state to a snapshot that was made at `position`. Called before any entry, and again if this process missed
   * entries that are no longer kept. Then its own entries that were not read back are dropped.
   */
  readonly restore?: (snapshot: Uint8Array, position: number) => void
  /**
   * The state must be cleared, because the log begins again: the engine has lost it or its newest entries, or this process
   * missed entries and there is no snapshot after them. Own entries that were not read back are dropped.
   */
  readonly forgotten?: () => void
  /**
   * Called when another callback or the codec threw. The error was logged, and this reader gets nothing more. Other
   * readers and logs continue.
   */
  readonly failed?: () => void
}

/** Whether a log keeps up. */
export interface LogHealth {
  /** Whether the engine can be reached and the reader has not failed. */
  readonly connected: boolean
  /** Whether the state has all entries up to the last one that was read. False while the reader has to begin again. */
  readonly continuous: boolean
  /** Whether the reader has failed, so it gets nothing more. */
  readonly failed: boolean
  /**
   * How far this process is behind, in milliseconds: since the reader was last at the end of the log, or since this
   * process appended the oldest entry that the engine does not take, whichever is longer. 0 while all is well.
   */
  readonly behind: number
  /** The number of entries that this process has appended and not read back yet, and their bytes. */
  readonly pending: number
  readonly pendingBytes: number
}

/** An open log. */
export interface Log<A> {
  readonly name: string
  /**
   * Identifies what the positions belong to. It changes when the log begins again (`forgotten`), on all processes alike,
   * also for those that start later.
   */
  readonly unsafeGeneration: () => string
  /**
   * Appends an entry. It is in the log when the reader gets it. The log has it at most once, and after the earlier
   * entries of this writer. It is lost only if this process ends before the reader gets it, or if the engine loses the
   * log.
   */
  readonly unsafeAppend: (entry: A) => void
  /** The position of the last entry that the reader got; 0 before the first. */
  readonly unsafePosition: () => number
  /** Calls back when the reader has got all entries that are in the log now, of all writers. */
  readonly unsafeWhenCurrent: (callback: () => void) => void
  /** The health of the log, as this process sees it. */
  readonly unsafeHealth: () => LogHealth
}

/** The options of `open`. */
export interface OpenOptions<A> {
  /** Encodes the entries for engines that store bytes. */
  readonly codec: Codec<A>
  /** Gets the entries. */
  readonly reader: Reader<A>
  /**
   * Reads and writes only the entries with this key, of 1 to 128 bytes. A key has entries, snapshots and writers of its
   * own, and costs nothing where it is not open. Its positions are those of the whole log, so they can be compared with
   * those of other keys. Without a key, the entries without one.
   */
  readonly key?: string
}

/** The logs, by name. */
export class Logs extends Context.Tag("effect-c10k/Log/Logs")<
  Logs,
  {
    /** Whether other processes may write to the same logs. */
    readonly isShared: boolean
    /**
     * Opens the log with this name (1 to 40 letters, digits, `-` and `_`), and creates it if it does not exist. The
     * reader gets the entries of the log, then new ones, until the scope ends.
     */
    readonly open: <A>(name: string, options: OpenOptions<A>) => Effect.Effect<Log<A>, LogError, Scope.Scope>
    /** The names of the logs that exist. */
    readonly names: Effect.Effect<ReadonlyArray<string>, LogError>
    /** Deletes a log with all its keys and entries. */
    readonly remove: (name: string) => Effect.Effect<void, LogError>
    /**
     * Calls `each` for the stored entries (of a key, if given) from position `from` to the present end, until it returns
     * `false`.
     */
    readonly scan: <A>(
      name: string,
      codec: Codec<A>,
      from: number,
      each: (entry: A, position: number) => boolean,
      key?: string
    ) => Effect.Effect<void, LogError>
  }
>() {}

/** Waits until the reader has got all entries that were in the log when this began. */
export const current = <A>(log: Log<A>): Effect.Effect<void> =>
  Effect.async<void>((resume) => log.unsafeWhenCurrent(() => resume(Effect.void)))
