/**
 * Protects a log and its other readers from one reader. When a callback of the reader throws, the error is logged and
 * the reader gets nothing more, because its state may be wrong.
 */
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import type { Codec, Reader } from "./Log.ts"

export class GuardedReader<A> {
  readonly #codec: Codec<A>
  readonly #reader: Reader<A>
  readonly #report: (error: unknown) => void
  #hasFailed = false

  /** Errors are logged with the logger of the fiber that opens the log. */
  static readonly make = <A>(name: string, codec: Codec<A>, reader: Reader<A>): Effect.Effect<GuardedReader<A>> =>
    Effect.map(Effect.runtime(), (runtime) => {
      const report = (error: unknown) =>
        void Runtime.runFork(runtime)(
          Effect.logError(`A reader of the log ${name} failed and gets no more entries`, error)
        )
      return new GuardedReader(codec, reader, report)
    })

  constructor(codec: Codec<A>, reader: Reader<A>, report: (error: unknown) => void) {
    this.#codec = codec
    this.#reader = reader
    this.#report = report
  }

  get hasFailed(): boolean {
    return this.#hasFailed
  }

  get makesSnapshots(): boolean {
    return this.#reader.snapshot !== undefined && !this.#hasFailed
  }

  get restores(): boolean {
    return this.#reader.restore !== undefined
  }

  entry(entry: A, position: number): void {
    if (this.#hasFailed) return
    try {
      this.#reader.entry(entry, position)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Passes on an entry that is given as bytes. Bytes that do not decode are skipped. */
  bytes(bytes: Uint8Array, position: number): void {
    this.#call(() => {
      const entry = this.#codec.decode(bytes)
      if (entry !== undefined) this.#reader.entry(entry, position)
    })
  }

  snapshot(): Uint8Array | undefined {
    return this.#call(() => this.#reader.snapshot?.())
  }

  restore(snapshot: Uint8Array, position: number): void {
    this.#call(() => this.#reader.restore?.(snapshot, position))
  }

  forgotten(): void {
    this.#call(() => this.#reader.forgotten?.())
  }

  #call<B>(f: () => B): B | undefined {
    if (this.#hasFailed) return undefined
    try {
      return f()
    } catch (error) {
      this.#fail(error)
      return undefined
    }
  }

  #fail(error: unknown): void {
    this.#hasFailed = true
    this.#report(error)
    try {
      this.#reader.failed?.()
    } catch (another) {
      this.#report(another)
    }
  }
}
