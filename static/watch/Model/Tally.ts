/** How long a game took, for who watched it run. Pure. */
import type { StatusBlock } from "../../../src/Protocol/WatchProtocol.ts"

export class Tally {
  #game = 0
  #startedAt: number | undefined
  #endedAt: number | undefined

  /** Takes what the server tells; times are those of its clock. */
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

  /** Milliseconds from the first sight of its run to its end; undefined if that was not seen. */
  get duration(): number | undefined {
    return this.#startedAt === undefined || this.#endedAt === undefined ? undefined : this.#endedAt - this.#startedAt
  }
}
