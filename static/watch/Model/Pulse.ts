/** Whether a game still takes steps, judged by how long its steps lately took. Pure. */

/** Milliseconds without a step before a game counts as stalled, and before anything is known of its speed. */
const least = 5_000
const unknownPace = 15_000

/** How often the longest pause may pass again. */
const patience = 3

export class Pulse {
  #messages = -1
  #beatAt = 0
  #longest: number | undefined

  /** Another game, or one that was not watched for a while. */
  restart(now: number): void {
    this.#messages = -1
    this.#beatAt = now
    this.#longest = undefined
  }

  /** The total of messages at a time in milliseconds. */
  note(messages: number, now: number): void {
    if (messages === this.#messages) return
    if (this.#messages >= 0) this.#longest = Math.max(now - this.#beatAt, (this.#longest ?? 0) * 0.8)
    this.#messages = messages
    this.#beatAt = now
  }

  /** Milliseconds since the last step when that is longer than the game takes, else undefined. */
  stalledFor(now: number): number | undefined {
    const silence = now - this.#beatAt
    const limit = this.#longest === undefined ? unknownPace : Math.max(least, patience * this.#longest)
    return silence > limit ? silence : undefined
  }
}
