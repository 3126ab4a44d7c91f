/**
 * An ordered log: entries that all readers see once, in the same order. It is what lets several processes hold one state: each
 * folds the entries into it, and acts on what the log says, not on what it said itself.
 *
 * Functions named `unsafe…` are called outside of Effect, in the turns in which messages are handled; none of them throws.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { LogError } from "./LogError.ts"

/** How entries become bytes, where they leave the process or are kept. */
export interface Codec<A> {
  readonly encode: (entry: A) => Uint8Array
  /** `undefined` for bytes that are no entry, such as those of a later version: they are passed over. */
  readonly decode: (bytes: Uint8Array) => A | undefined
}

/** What is called for what the log says, in order. */
export interface Reader<A> {
  /** The next entry, this process's own included. Positions grow; they need not be consecutive. */
  readonly entry: (entry: A, position: number) => void
  /** The state as of the last entry: where a reader that comes later begins. A log without it is read from its start. */
  readonly snapshot?: () => Uint8Array
  /** Begins at a snapshot, made at `position`. Called before any entry. */
  readonly restore?: (snapshot: Uint8Array, position: number) => void
  /** What the log held is gone (its engine lost it): another one begins at its first entry. */
  readonly forgotten?: () => void
}

export interface LogHealth {
  /** Whether the engine is reached. */
  readonly connected: boolean
  /** Milliseconds for which the reader has been behind the end; 0 when it is not. */
  readonly behind: number
  /** Entries that were appended and have not come back, and their bytes. */
  readonly pending: number
  readonly pendingBytes: number
}

export interface Log<A> {
  readonly name: string
  /**
   * Appends. The entry is in the log when the reader is given it; it is in the log at most once, after those that this
   * writer appended before, and for certain if this process lives until then.
   */
  readonly unsafeAppend: (entry: A) => void
  /** Of the last entry that the reader was given; 0 before the first. */
  readonly unsafePosition: () => number
  /** Calls back when the reader has been given all that is in the log at this moment, whoever wrote it. */
  readonly unsafeWhenCurrent: (callback: () => void) => void
  readonly unsafeHealth: () => LogHealth
}

export interface OpenOptions<A> {
  readonly codec: Codec<A>
  readonly reader: Reader<A>
}

/** The logs, by name. */
export class Logs extends Context.Tag("effect-c10k/Log/Logs")<
  Logs,
  {
    /** Whether other processes may write to the same logs. */
    readonly isShared: boolean
    /**
     * Opens the log of this name (1 to 40 letters, digits, `-` and `_`), and makes it if there is none. The reader is
     * given what the log holds, then what comes, until the scope ends.
     */
    readonly open: <A>(name: string, options: OpenOptions<A>) => Effect.Effect<Log<A>, LogError, Scope.Scope>
    /** Forgets a log and all that it held. */
    readonly remove: (name: string) => Effect.Effect<void, LogError>
    /** Calls back for each kept entry from position `from` on, up to the end as of now, while it returns `true`. */
    readonly scan: <A>(
      name: string,
      codec: Codec<A>,
      from: number,
      each: (entry: A, position: number) => boolean
    ) => Effect.Effect<void, LogError>
  }
>() {}

/** Waits until the reader was given all that was in the log when this began. */
export const current = <A>(log: Log<A>): Effect.Effect<void> =>
  Effect.async<void>((resume) => log.unsafeWhenCurrent(() => resume(Effect.void)))
