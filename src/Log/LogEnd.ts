/**
 * What a reader knows of the end of its log. It asks the engine for the end as a poll, and for those who wait until all that
 * was in the log has been read.
 */
import { real } from "../Time/Timer.ts"
import type { EngineLog } from "./LogEngine.ts"

/** The reader whose log this is the end of. */
export interface EndReader {
  /** The position of the last entry that it has read. */
  readonly position: () => number
  /** Whether it reads the log, whether or not all that it has read still counts. */
  readonly isReading: () => boolean
  /** Whether all that it has read joins on, up to the last entry. */
  readonly isContinuous: () => boolean
  /** Called with the position of the oldest entry that the engine keeps, whenever it is known anew. */
  readonly onFirst: (first: number) => void
}

/** Milliseconds after which an engine that did not answer is asked again. */
export const RETRY = 100
/** Polls without an entry after which the log counts as idle, and how much longer the time between two polls is then. */
const IDLE = 5

/** Milliseconds without a tick after which this process was frozen, and knows nothing of what was written meanwhile. */
const FROZEN = 2000

/** Callbacks that wait until a position was read. */
interface Awaiting {
  readonly end: number
  readonly callbacks: ReadonlyArray<() => void>
}

/** A position that was the end of the log at the time `at`, or that lies after it if the engine did not answer. */
interface Probe {
  readonly end: number
  readonly at: number
  readonly isEnd: boolean
}

export class LogEnd {
  readonly #engine: Pick<EngineLog, "bounds">
  readonly #poll: number
  readonly #reader: EndReader
  /** Callbacks that wait until the end of the log is known, and whether the engine was asked for it. */
  #asking: Array<() => void> = []
  #isAsked = false
  #tickedAt = performance.now()
  #askedAt = Number.NEGATIVE_INFINITY
  #quietPolls = 0
  #awaiting: Array<Awaiting> = []
  /** A position that was not read yet. */
  #probe: Probe | undefined
  #readAsOf = Number.NEGATIVE_INFINITY
  /** Increases when the reader begins again, so that an answer of before does not count. */
  #beginnings = 0

  /** `poll`: the milliseconds between two polls; five times as long while nothing is written. */
  constructor(engine: Pick<EngineLog, "bounds">, poll: number, reader: EndReader) {
    this.#engine = engine
    this.#poll = poll
    this.#reader = reader
  }

  /** All that was in the log at this time has been read. */
  get readAsOf(): number {
    return this.#readAsOf
  }

  /** Since when something may be in the log that was not read: `now` if all was read. */
  unreadSince(now: number): number {
    const frozenAt = this.#wasFrozen(now) ? this.#tickedAt : now
    return Math.min(frozenAt, this.#probe?.at ?? now)
  }

  whenRead(callback: () => void): void {
    this.#asking.push(callback)
    this.ask()
  }

  read(position: number): void {
    this.#quietPolls = 0
    if (this.#probe !== undefined && position >= this.#probe.end) {
      if (this.#probe.isEnd) this.#readAsOf = this.#probe.at
      this.#probe = undefined
    }
    while (this.#awaiting.length > 0 && this.#awaiting[0]!.end <= position) {
      for (const callback of this.#awaiting.shift()!.callbacks) callback()
    }
  }

  /** The reader begins again: those who waited for a position ask anew. */
  restart(): void {
    this.#beginnings++
    this.#probe = undefined
    this.#asking = [...this.#awaiting.flatMap(({ callbacks }) => callbacks), ...this.#asking]
    this.#awaiting = []
  }

  #wasFrozen(now: number): boolean {
    return now - this.#tickedAt > FROZEN
  }

  /** Nothing is known of the log since this time. */
  #unknownSince(at: number): void {
    this.#probe ??= { end: this.#reader.position() + 1, at, isEnd: false }
  }

  /** Polls if it is time to. `soon`: the milliseconds between two polls while somebody needs to know the end soon. */
  tick(now: number, soon: number | undefined, isWriting: boolean): void {
    if (this.#wasFrozen(now)) this.#unknownSince(this.#tickedAt)
    this.#tickedAt = now
    const isIdle = this.#quietPolls >= IDLE && !isWriting
    const pause = soon !== undefined ? Math.min(soon, this.#poll) : isIdle ? this.#poll * IDLE : this.#poll
    this.ask(now - this.#askedAt >= pause)
  }

  /** Asks the engine for the end of the log, for those who wait for it, or as a poll. */
  ask(isPoll = false): void {
    if (this.#isAsked || !this.#reader.isReading()) return
    const isContinuous = this.#reader.isContinuous()
    if (!isPoll && (!isContinuous || this.#asking.length === 0)) return
    this.#isAsked = true
    const callbacks = isContinuous ? this.#asking : []
    if (isContinuous) this.#asking = []
    const at = performance.now()
    this.#askedAt = at
    this.#quietPolls++
    const beginning = this.#beginnings
    const again = () => {
      this.#isAsked = false
      this.ask()
    }
    this.#engine.bounds().then(
      ({ first, last }) => {
        // The answer is of a log that the reader no longer reads.
        if (beginning !== this.#beginnings || !this.#reader.isContinuous())
          this.#asking = [...callbacks, ...this.#asking]
        else this.#answered(first, last, at, callbacks)
        again()
      },
      () => {
        this.#asking = [...callbacks, ...this.#asking]
        if (this.#reader.isReading()) this.#unknownSince(at)
        real.after(RETRY, again)
      }
    )
  }

  #answered(first: number, last: number, at: number, callbacks: ReadonlyArray<() => void>): void {
    if (last <= this.#reader.position()) {
      this.#readAsOf = at
      this.#probe = undefined
      for (const callback of callbacks) callback()
    } else {
      this.#probe ??= { end: last, at, isEnd: true }
      if (callbacks.length > 0) this.#awaiting.push({ end: last, callbacks })
    }
    this.#reader.onFirst(first)
  }
}
