/**
 * The writer's end of a log: it numbers the entries of this process, and keeps those that were not read back yet. They are sent
 * again if needed.
 */
import { randomBytes } from "node:crypto"
import type { EngineLog } from "./LogEngine.ts"
import { frame, frameNotice, type GenerationNotice, type Notice, WRITER } from "./LogFrame.ts"

interface Pending {
  readonly bytes: Uint8Array
  readonly appendedAt: number
  sentAt: number
}

/** Bytes that are sent again at once. The rest follows when these came back. */
const BURST = 256 * 1024
/** The least milliseconds between two bursts after a gap. */
const GAP_PAUSE = 50
/** How often the time until the next attempt doubles. */
const MAX_DOUBLINGS = 3

const newName = (): string => randomBytes(WRITER / 2).toString("hex")

export class LogWriter {
  readonly #engine: Pick<EngineLog, "publish">
  readonly #patience: number
  #name = newName()
  /** The number of the first pending entry. */
  #first = 0
  #entries: Array<Pending> = []
  #bytes = 0
  #resentAt = Number.NEGATIVE_INFINITY
  /** How often all were sent again since the last one came back. */
  #attempts = 0
  /** The number of the entry after a gap that was read last, since the burst that fills the gap was sent. */
  #early: number | undefined
  /** The notice of another generation, until it is read. */
  #renewal: { readonly notice: GenerationNotice; sentAt: number } | undefined

  /** `patience`: the milliseconds after which what did not come back is sent again. */
  constructor(engine: Pick<EngineLog, "publish">, patience: number) {
    this.#engine = engine
    this.#patience = patience
  }

  get name(): string {
    return this.#name
  }

  get count(): number {
    return this.#entries.length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Whether it has begun another generation, and the notice of that was not read yet. */
  get isRenewing(): boolean {
    return this.#renewal !== undefined
  }

  /** How long ago the oldest pending entry was appended, in milliseconds. */
  age(now: number): number {
    const oldest = this.#entries[0]
    return oldest === undefined ? 0 : now - oldest.appendedAt
  }

  append(payload: Uint8Array): void {
    const bytes = frame(this.#name, this.#first + this.#entries.length, payload)
    const now = performance.now()
    this.#entries.push({ bytes, appendedAt: now, sentAt: now })
    this.#bytes += bytes.length
    this.#engine.publish(bytes)
  }

  notify(notice: Notice): void {
    this.#engine.publish(frameNotice(this.#name, notice))
  }

  /** Begins another generation. */
  renew(notice: GenerationNotice): void {
    this.#renewal = { notice, sentAt: performance.now() }
    this.notify(notice)
  }

  /** The notice of another generation was read. */
  renewed(): void {
    this.#renewal = undefined
  }

  /** The oldest pending entry was read. */
  cameBack(): void {
    this.#first++
    this.#attempts = 0
    this.#early = undefined
    this.#bytes -= this.#entries.shift()!.bytes.length
  }

  /** Entries that were not read back no longer count. Those that read on may have them already, so it goes on as another writer. */
  restart(): void {
    this.#name = newName()
    this.#first = 0
    this.#entries = []
    this.#bytes = 0
    this.#attempts = 0
    this.#early = undefined
  }

  /** Whether the oldest pending entry should have come back by now. The time doubles with each attempt in vain. */
  isOverdue(now: number): boolean {
    const oldest = this.#entries[0]
    return oldest !== undefined && now - oldest.sentAt > this.#patience * 2 ** Math.min(this.#attempts, MAX_DOUBLINGS)
  }

  /**
   * Sends the oldest ones again if they are overdue and everything that was in the log at the time `readAsOf` has been read, and
   * they were not among it. Otherwise they are probably in the part that was not read yet: to send them again would make the log
   * longer and its readers slower still.
   */
  resendLost(now: number, readAsOf: number): void {
    if (this.#renewal !== undefined && now - this.#renewal.sentAt > this.#patience) this.renew(this.#renewal.notice)
    if (!this.isOverdue(now) || this.#entries[0]!.sentAt >= readAsOf) return
    if (this.#resend(now, this.#patience)) this.#attempts++
  }

  /**
   * The entry with this number was read, but not the one that must come before it: sends the oldest ones again. The entries that
   * were in the log already follow each other. A lower number is a copy of which an earlier one was lost, so another burst is needed.
   */
  resendGap(number: number, now: number): void {
    const isOld = this.#early !== undefined && number >= this.#early
    if (isOld || this.#resend(now, GAP_PAUSE)) this.#early = number
  }

  /** Sends the oldest ones again, unless this was done less than `pause` milliseconds ago. Returns whether it did. */
  #resend(now: number, pause: number): boolean {
    if (now - this.#resentAt < pause) return false
    this.#resentAt = now
    let sent = 0
    for (const pending of this.#entries) {
      pending.sentAt = now
      this.#engine.publish(pending.bytes, sent === 0)
      sent += pending.bytes.length
      if (sent >= BURST) break
    }
    return true
  }
}
