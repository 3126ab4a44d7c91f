/**
 * Logs in memory, but for one, of which a test plays the engine: it decides when a node reads what it has written, what
 * others have written, and what is lost.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Codec, Logs } from "../../src/Log/Log.ts"
import * as MemoryLogs from "../../src/Log/MemoryLogs.ts"

export class PlayedLog<Event> {
  /** What the node has written and not read back. */
  readonly written: Array<Event> = []
  /** The names of the logs that the node has removed. */
  readonly removed: Array<string> = []
  /** Whether there are entries that the node has not read, until `current`. */
  isBehind = false
  readonly #codec: Codec<Event>
  readonly #waiting: Array<() => void> = []
  #position = 0
  #entry = (_bytes: Uint8Array, _position: number): void => {}
  #restore = (_snapshot: Uint8Array, _position: number): void => {}
  #forgotten = (): void => {}

  constructor(codec: Codec<Event>) {
    this.#codec = codec
  }

  /** The node reads an entry. Returns its position. */
  read(event: Event): number {
    this.#entry(this.#codec.encode(event), ++this.#position)
    return this.#position
  }

  /** The node reads what it has written. Returns these entries with their positions. */
  deliver(): ReadonlyArray<{ readonly event: Event; readonly position: number }> {
    return this.written.splice(0).map((event) => ({ event, position: this.read(event) }))
  }

  /** The node has read what was in the log. */
  current(): void {
    this.isBehind = false
    for (const callback of this.#waiting.splice(0)) callback()
  }

  /** The node begins, or has missed a part of the log and goes on with this snapshot, of the position that it had reached. */
  restore(snapshot: Uint8Array): void {
    this.written.length = 0
    this.#restore(snapshot, this.#position)
  }

  /** The engine loses the log. */
  lose(): void {
    this.#position = this.written.length = 0
    this.#forgotten()
  }

  /** The logs, with this one under a name. `existing`: those that exist before. `begin`: what the node reads first. */
  layer(name: string, begin: () => void = () => {}, existing: ReadonlyArray<string> = []): Layer.Layer<Logs> {
    const open =
      (memory: Logs["Type"]): Logs["Type"]["open"] =>
      (opened, options) => {
        if (opened !== name) return memory.open(opened, options)
        const { codec, reader } = options
        this.#entry = (bytes, position) => {
          const entry = codec.decode(bytes)
          if (entry !== undefined) reader.entry(entry, position)
        }
        this.#restore = (snapshot, position) => reader.restore?.(snapshot, position)
        this.#forgotten = () => reader.forgotten?.()
        begin()
        return Effect.map(memory.open(opened, { codec, reader: { entry: () => {} } }), (log) => ({
          ...log,
          unsafeAppend: (entry) => {
            const event = this.#codec.decode(codec.encode(entry))
            if (event !== undefined) this.written.push(event)
          },
          unsafeWhenCurrent: (callback) => {
            if (this.isBehind) this.#waiting.push(callback)
            else callback()
          }
        }))
      }
    const logs = Effect.map(Logs, (memory) =>
      Logs.of({
        ...memory,
        isShared: true,
        names: Effect.succeed(existing),
        remove: (name) => Effect.sync(() => void this.removed.push(name)),
        open: open(memory)
      })
    )
    return Layer.provide(Layer.effect(Logs, logs), MemoryLogs.layer({ keep: 1 << 20 }))
  }
}
