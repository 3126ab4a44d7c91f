import type { CellList } from "../../Protocol/WatchEncoder.ts"
import { noStep } from "../../Protocol/WatchProtocol.ts"
import type { WatchRequest } from "../../Protocol/WatchRequest.ts"
import { prepare } from "../../WebSocket/Frames/Prepare.ts"
import type { PreparedMessage } from "../../WebSocket/Frames/PreparedMessage.ts"

/**
 * What a watcher knows of the game's cells, and how it reads lists of them: all changes up to a turn, the whole
 * generations up to a step, or no cells, because it asked for none.
 */
type KnownCells =
  | { readonly _tag: "None" }
  | { readonly _tag: "UpToTurn"; readonly turn: number; readonly list: CellList; readonly readsBits: boolean }
  | { readonly _tag: "UpToStep"; readonly step: number }

/** Everything on which a watcher's next message depends. */
export interface Known {
  readonly game: boolean
  readonly figures: boolean
  readonly cells: KnownCells
}

const areSameCells = (a: KnownCells, b: KnownCells): boolean => {
  switch (a._tag) {
    case "None":
      return b._tag === "None"
    case "UpToTurn":
      return b._tag === "UpToTurn" && a.turn === b.turn && a.list === b.list && a.readsBits === b.readsBits
    case "UpToStep":
      return b._tag === "UpToStep" && a.step === b.step
  }
}

const areSame = (a: Known, b: Known): boolean =>
  a.game === b.game && a.figures === b.figures && areSameCells(a.cells, b.cells)

/** A message of the watch protocol, framed. */
export type News = PreparedMessage<Uint8Array>

export class TurnMessages {
  /** A list, because a turn has only a handful of different messages. */
  #made: Array<{ readonly known: Known; readonly message: News }> = []

  /** The message for watchers that know this, if it was made in this turn. */
  find(known: Known): News | undefined {
    return this.#made.find((each) => areSame(each.known, known))?.message
  }

  add(known: Known, bytes: Uint8Array): News {
    const message = prepare(bytes)
    this.#made.push({ known, message })
    return message
  }

  clear(): void {
    this.#made = []
  }
}

/** The position of one watcher in the feed. */
export class WatchCursor {
  /** The game that the watcher knows; 0 before it knows any. */
  game = 0
  /** The turn up to which it knows the cells of that game. */
  turn = 0
  /** The number of the figures that the watcher has. */
  figures = 0
  /**
   * The step of the newest whole generation that it was sent; `undefined` while it gets the newest state of every cell.
   */
  generation: number | undefined
  /** Whether the watcher gets no cells, but only figures and the beginnings of games. */
  isFiguresOnly = false
  /** How its page reads lists of cells. */
  list: CellList = "numbers"
  /** Whether its page reads bits. */
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
        this.generation ??= noStep
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
