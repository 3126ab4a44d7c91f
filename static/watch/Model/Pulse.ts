/** Detects whether a game has stalled, compared with the time that its recent steps took. Pure. */
import type { StatusBlock } from "../../../src/Protocol/WatchProtocol.ts"

/** The least time without a step, in milliseconds, before a game counts as stalled. */
const LEAST = 5_000
const UNKNOWN_PACE = 15_000

/** A game counts as stalled after this many times its longest recent pause. */
const STALL_FACTOR = 3

export class Pulse {
  #messages = -1
  #beatAt = 0
  #longest: number | undefined

  /** Starts again, for another game or after a time without watching. */
  restart(now: number): void {
    this.#messages = -1
    this.#beatAt = now
    this.#longest = undefined
  }

  /**
   * Records the total number of messages of the game at a time in milliseconds. Before it runs, no cell takes steps. How fast the
   * first states of the cells come says nothing of the time that a step takes.
   */
  note({ greatest, messages, phase }: Pick<StatusBlock, "greatest" | "messages" | "phase">, now: number): void {
    if (phase !== "running") return this.restart(now)
    if (messages === this.#messages) return
    if (this.#messages >= 0 && greatest > 0) this.#longest = Math.max(now - this.#beatAt, (this.#longest ?? 0) * 0.8)
    this.#messages = messages
    this.#beatAt = now
  }

  /** Milliseconds since the last step if the game has stalled, else `undefined`. */
  stalledFor(now: number): number | undefined {
    const silence = now - this.#beatAt
    const limit = this.#longest === undefined ? UNKNOWN_PACE : Math.max(LEAST, STALL_FACTOR * this.#longest)
    return silence > limit ? silence : undefined
  }
}
