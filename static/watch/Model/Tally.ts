/** How long a game took, if the page saw it run. Pure. */
import type { StatusBlock } from "../../../src/Protocol/WatchProtocol.ts"

export class Tally {
  #game = 0
  #startedAt: number | undefined
  #endedAt: number | undefined

  /** Takes a status of the server. Times are those of the server's clock. */
  note({ game, phase, time }: StatusBlock): void {
    if (game !== this.#game) {
      this.#game = game
      this.#startedAt = this.#endedAt = undefined
    }
    if (phase === "running") {
      this.#startedAt ??= time
      this.#endedAt = undefined
    }
    if (phase === "ended") this.#endedAt ??= time
  }

  /** Milliseconds from when the page first saw the game run to its end; `undefined` if the page did not see both. */
  get duration(): number | undefined {
    return this.#startedAt === undefined || this.#endedAt === undefined ? undefined : this.#endedAt - this.#startedAt
  }
}
