/**
 * A log over an engine that other processes use too. Entries are bytes there, and the reader gets them when the engine
 * has stored them.
 */
import { randomBytes } from "node:crypto"
import type { GuardedReader } from "./GuardedReader.ts"
import type { Codec, Log, LogHealth } from "./Log.ts"
import type { EngineLog } from "./LogEngine.ts"
import { frame, frameSnapshot, unframe, unframeSnapshot, WRITER } from "./LogFrame.ts"
import { WriterSequences } from "./WriterSequences.ts"

export interface SharedLogOptions {
  /** Milliseconds after which an entry that did not come back is sent again. 1,000 unless given. */
  readonly patience: number
  /** Bytes of entries between two snapshots. 32 MiB unless given. */
  readonly snapshotEvery: number
  /** Called with a problem that loses no entry, such as a snapshot that could not be saved. */
  readonly onTrouble: (text: string) => void
}

export const defaults: SharedLogOptions = {
  patience: 1000,
  snapshotEvery: 32 * 1024 * 1024,
  onTrouble: () => {}
}

interface Pending {
  readonly bytes: Uint8Array
  readonly appendedAt: number
  sentAt: number
}

/** Callbacks that wait until a position was read. */
interface Awaiting {
  readonly end: number
  readonly callbacks: ReadonlyArray<() => void>
}

/** Bytes that are sent again at once. The rest follows when these came back. */
const BURST = 256 * 1024
/** The least milliseconds between two bursts after a gap in this writer's entries. */
const GAP_PAUSE = 50
/** Milliseconds after which an engine that did not answer is asked again. */
const RETRY = 100

const newWriter = () => randomBytes(WRITER / 2).toString("hex")

export class SharedLog<A> implements Log<A> {
  readonly name: string
  readonly #engine: EngineLog
  readonly #codec: Codec<A>
  readonly #reader: GuardedReader<A>
  readonly #options: SharedLogOptions
  #sequences = new WriterSequences([], false)
  #position = 0
  #total = 0
  #writer = newWriter()
  /** The number of the first entry of `#pending`. */
  #firstPending = 0
  #pending: Array<Pending> = []
  #pendingBytes = 0
  #resentAt = 0
  /** Callbacks that wait until the end of the log is known, and whether the engine was asked for it. */
  #asking: Array<() => void> = []
  #isAsked = false
  #awaiting: Array<Awaiting> = []
  /** A position that was the end of the log at the time `at`, and was not read yet. */
  #probe: { readonly end: number; readonly at: number } | undefined
  #isClosed = false
  readonly #timer: NodeJS.Timeout

  constructor(name: string, engine: EngineLog, codec: Codec<A>, reader: GuardedReader<A>, options: SharedLogOptions) {
    this.name = name
    this.#engine = engine
    this.#codec = codec
    this.#reader = reader
    this.#options = options
    this.#timer = setInterval(() => this.#tick(), Math.max(10, options.patience / 5)).unref()
  }

  /** Starts reading, at the newest snapshot if there is one. */
  async begin(): Promise<void> {
    const restored = await this.#restore()
    if (!restored) this.#sequences = new WriterSequences([], (await this.#engine.first()) > 1)
    this.#engine.read(this.#position + 1, {
      entry: (bytes, position) => this.#receive(bytes, position),
      replaced: () => this.#replaced()
    })
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
  }

  readonly unsafeAppend = (entry: A): void => {
    if (this.#isClosed) return
    const bytes = frame(this.#writer, this.#firstPending + this.#pending.length, this.#codec.encode(entry))
    const now = performance.now()
    this.#pending.push({ bytes, appendedAt: now, sentAt: now })
    this.#pendingBytes += bytes.length
    this.#engine.publish(bytes)
  }

  readonly unsafePosition = (): number => this.#position

  readonly unsafeWhenCurrent = (callback: () => void): void => {
    this.#asking.push(callback)
    this.#ask()
  }

  readonly unsafeHealth = (): LogHealth => ({
    connected: this.#engine.isConnected() && !this.#reader.hasFailed,
    behind: this.#behind(),
    pending: this.#pending.length,
    pendingBytes: this.#pendingBytes
  })

  /**
   * Milliseconds for which entries of others have not been read, or for which the engine has not taken the entries of
   * this process, because its disk is full for example.
   */
  #behind(): number {
    const now = performance.now()
    const unread = this.#probe === undefined ? 0 : now - this.#probe.at
    const oldest = this.#pending[0]
    const untaken = oldest === undefined ? 0 : now - oldest.appendedAt
    return untaken > this.#options.patience ? Math.max(unread, untaken) : unread
  }

  async #restore(): Promise<boolean> {
    const saved = await this.#engine.loadSnapshot()
    const snapshot = saved === undefined ? undefined : unframeSnapshot(saved)
    if (snapshot === undefined || !this.#reader.restores) return false
    const { head, state } = snapshot
    if (head.generation !== this.#engine.generation()) return false
    this.#reader.restore(state, head.position)
    this.#sequences = new WriterSequences(head.writers, false)
    this.#position = head.position
    this.#total = head.total
    return true
  }

  #receive(bytes: Uint8Array, position: number): void {
    if (this.#isClosed || position <= this.#position) return
    this.#position = position
    const framed = unframe(bytes)
    if (framed !== undefined) this.#take(framed.writer, framed.number, framed.payload, position)
    if (this.#probe !== undefined && position >= this.#probe.end) this.#probe = undefined
    while (this.#awaiting.length > 0 && this.#awaiting[0]!.end <= position) {
      for (const callback of this.#awaiting.shift()!.callbacks) callback()
    }
  }

  #take(writer: string, number: number, payload: Uint8Array, position: number): void {
    const isOwn = writer === this.#writer
    if (!this.#sequences.take(writer, number)) {
      // An earlier entry was lost, so this one and all after it do not count, and are sent again.
      if (isOwn && this.#sequences.isEarly(writer, number)) this.#resend(GAP_PAUSE)
      return
    }
    const before = this.#total
    this.#total += payload.length
    if (isOwn) this.#cameBack()
    this.#reader.bytes(payload, position)
    const every = this.#options.snapshotEvery
    if (isOwn && Math.floor(before / every) < Math.floor(this.#total / every)) this.#save()
  }

  #cameBack(): void {
    this.#firstPending++
    this.#pendingBytes -= this.#pending.shift()!.bytes.length
  }

  #resend(pause: number): void {
    const now = performance.now()
    if (now - this.#resentAt < pause) return
    this.#resentAt = now
    let sent = 0
    for (const pending of this.#pending) {
      pending.sentAt = now
      this.#engine.publish(pending.bytes, sent === 0)
      sent += pending.bytes.length
      if (sent >= BURST) return
    }
  }

  #tick(): void {
    const oldest = this.#pending[0]
    if (
      oldest !== undefined &&
      this.#engine.isConnected() &&
      performance.now() - oldest.sentAt > this.#options.patience
    )
      this.#resend(this.#options.patience)
    if (this.#probe === undefined) this.#ask()
  }

  #ask(): void {
    if (this.#isAsked || this.#isClosed) return
    this.#isAsked = true
    const callbacks = this.#asking
    this.#asking = []
    const at = performance.now()
    const again = () => {
      this.#isAsked = false
      if (this.#asking.length > 0) this.#ask()
    }
    const generation = this.#engine.generation()
    this.#engine.end().then(
      (end) => {
        if (generation !== this.#engine.generation()) this.#asking = [...callbacks, ...this.#asking]
        else if (end <= this.#position) for (const callback of callbacks) callback()
        else {
          this.#probe ??= { end, at }
          if (callbacks.length > 0) this.#awaiting.push({ end, callbacks })
        }
        again()
      },
      () => {
        this.#asking = [...callbacks, ...this.#asking]
        this.#probe ??= { end: this.#position + 1, at }
        setTimeout(again, RETRY)
      }
    )
  }

  #replaced(): void {
    this.#position = 0
    this.#total = 0
    this.#sequences = new WriterSequences([], false)
    // Entries for the lost log have no meaning in the new one.
    this.#writer = newWriter()
    this.#firstPending = 0
    this.#pending = []
    this.#pendingBytes = 0
    this.#probe = undefined
    this.#asking = [...this.#awaiting.flatMap(({ callbacks }) => callbacks), ...this.#asking]
    this.#awaiting = []
    this.#reader.forgotten()
    if (this.#asking.length > 0) this.#ask()
  }

  #save(): void {
    const state = this.#reader.makesSnapshots ? this.#reader.snapshot() : undefined
    if (state === undefined) return
    const head = {
      generation: this.#engine.generation(),
      position: this.#position,
      total: this.#total,
      writers: this.#sequences.entries()
    }
    this.#engine
      .saveSnapshot(frameSnapshot(head, state))
      .catch((error) => this.#options.onTrouble(`log ${this.name}: a snapshot was not saved: ${error}`))
  }
}
