/** Detects the end of a game: all cells are dead, nothing changes, or the same frames repeat. */
import type * as Grid from "../Universe/Grid.ts"
import * as Rule from "../Universe/Rule.ts"

/** Each kind includes the kinds before it: a dead grid is also still, and a still grid is also periodic, with period 1. */
export type Kind = "dead" | "still" | "periodic"

export interface Ending {
  readonly kind: Kind
  /** The step of the last equal frame. */
  readonly since: number
  readonly period: number
}

const ranks: { readonly [K in Kind]: number } = { dead: 2, still: 1, periodic: 0 }

/** Whether the game should stop at this ending: `periodic` stops at every ending, `still` at a still or dead grid, `dead` at a dead one. */
export const satisfies = (ending: Ending, stopWhen: Kind): boolean => ranks[ending.kind] >= ranks[stopWhen]

/** How many frames are remembered. A longer period is not found. */
const MEMORY = 65_536

/**
 * Observes the frames of a game, each once and in order, and remembers them by a hash of 53 bits. For each frame, the
 * probability that it has the hash of a different frame is about one in 10^11.
 */
export class EndingDetector {
  readonly #rule: Rule.Rule
  readonly #stepOf = new Map<number, number>()

  constructor(rule: Rule.Rule) {
    this.#rule = rule
  }

  /** Observes a frame. Returns the ending, if this frame shows one. */
  observe(step: number, grid: Grid.Grid): Ending | undefined {
    let low = 0x811c9dc5
    let high = 0x9747b28c
    let alive = 0
    for (let index = 0; index < grid.cells.length; index++) {
      const state = grid.cells[index]!
      if (state !== 0) alive++
      low = Math.imul(low ^ (state + index), 0x01000193)
      high = Math.imul(high ^ (state + (low >>> 15)), 0x85ebca6b)
    }
    if (alive === 0 && !Rule.hasBirthOnZero(this.#rule)) return { kind: "dead", since: step, period: 1 }
    const hash = (high & 0x1fffff) * 0x1_0000_0000 + (low >>> 0)
    const since = this.#stepOf.get(hash)
    this.#remember(hash, step)
    if (since === undefined) return undefined
    return { kind: since === step - 1 ? "still" : "periodic", since, period: step - since }
  }

  #remember(hash: number, step: number): void {
    // Deleting the hash first keeps the map in the order of steps.
    this.#stepOf.delete(hash)
    this.#stepOf.set(hash, step)
    if (this.#stepOf.size <= MEMORY) return
    for (const oldest of this.#stepOf.keys()) {
      this.#stepOf.delete(oldest)
      return
    }
  }
}
