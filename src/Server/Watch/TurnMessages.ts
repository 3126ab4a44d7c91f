/**
 * The messages of one turn. Watchers that know the same state get the same bytes, which are encoded and framed once.
 */
import type { CellList } from "../../Protocol/WatchEncoder.ts"
import { prepare } from "../../WebSocket/Frames/Prepare.ts"
import type { PreparedMessage } from "../../WebSocket/Frames/PreparedMessage.ts"

/**
 * What a watcher knows of the game's cells, and how it reads lists of them: all changes up to a turn, the whole
 * generations up to a step, or no cells, because it asked for none.
 */
type KnownCells =
  | { readonly _tag: "None" }
  | { readonly _tag: "UpToTurn"; readonly turn: number; readonly list: CellList }
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
      return b._tag === "UpToTurn" && a.turn === b.turn && a.list === b.list
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
