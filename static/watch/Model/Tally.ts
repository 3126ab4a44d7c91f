/** How long a game took, if the page saw it run. Pure. */
import type { StatusBlock } from "../../../src/Protocol/WatchProtocol.ts"

export class Tally {
  #game = -1
  #startedAt: number | undefined
  #endedAt: number | undefined
  /** Whether the page was there before the first step of the game. */
  #isWhole = false

  /** Takes a status of the server. Times are those of the server's clock. */
  note({ game, least, messages, phase, time }: StatusBlock): void {
    if (game !== this.#game) {
      this.#game = game
      this.#startedAt = this.#endedAt = undefined
      this.#isWhole = phase === "running" ? messages === 0 || least === 0 : phase !== "ended"
    }
    if (phase === "running") {
      this.#startedAt ??= time
      this.#endedAt = undefined
    }
    if (phase === "ended") this.#endedAt ??= time
  }

  /** Milliseconds from the beginning of the game to its end; `undefined` if the page did not see both. */
  get duration(): number | undefined {
    return !this.#isWhole || this.#startedAt === undefined || this.#endedAt === undefined
      ? undefined
      : this.#endedAt - this.#startedAt
  }
}
