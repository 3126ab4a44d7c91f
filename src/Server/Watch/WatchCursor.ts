import type { CellList } from "../../Protocol/WatchEncoder.ts"
import { NO_STEP } from "../../Protocol/WatchProtocol.ts"
import type { WatchRequest } from "../../Protocol/WatchRequest.ts"

/** The position of one watcher in the feed. */
export class WatchCursor {
  /** The game that the watcher knows; 0 before it knows any. */
  game = 0
  /** The turn up to which it knows the cells of that game. */
  turn = 0
  /** The number of the figures that the watcher has. */
  figures = 0
  /** The step of the newest whole generation that it was sent; `undefined` while it gets each cell's newest state. */
  generation: number | undefined
  /** Whether the watcher gets no cells, but only figures and the beginnings of games. */
  isFiguresOnly = false
  list: CellList = "numbers"
  readsBits = false
  #interval = 0
  #paused = false
  #slot = -1

  receive(request: Exclude<WatchRequest, { readonly _tag: "Listen" }>): void {
    switch (request._tag) {
      case "Pause":
        this.#paused = true
        break
      case "Resume":
        this.#paused = false
        this.#slot = -1
        break
      case "Pace":
        this.#interval = request.interval
        this.#slot = -1
        break
      case "Gaps":
        this.list = "gaps"
        break
      case "Bits":
        this.readsBits = true
        break
      case "Figures":
        this.isFiguresOnly = true
        break
      case "Whole":
        this.isFiguresOnly = false
        this.generation ??= NO_STEP
        this.#slot = -1
        break
      case "Newest":
        this.isFiguresOnly = false
        if (this.generation === undefined) break
        this.generation = undefined
        // The generations that it was sent meanwhile are older than the states that it had before, so it needs all
        // cells.
        this.turn = 0
        this.#slot = -1
    }
  }

  /** Whether the watcher is due. Watchers with the same pace are due at the same times, so that they share messages. */
  isDue(now: number): boolean {
    if (this.#paused) return false
    if (this.#interval === 0) return true
    const slot = Math.floor(now / this.#interval)
    if (slot === this.#slot) return false
    this.#slot = slot
    return true
  }
}
