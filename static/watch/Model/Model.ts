/** The game as the page knows it: the newest state of every cell and the newest figures. Knows no browser. */
import type { Block, CellsBlock, GameBlock, StatusBlock } from "../../../src/Protocol/WatchProtocol.ts"
import { isGeneration, noStep, unknown } from "../../../src/Protocol/WatchProtocol.ts"
import { heatAfter } from "./Heat.ts"

/** One picture of the grid, a value a cell. */
export interface Frame {
  readonly width: number
  readonly height: number
  /** How many states a cell can have. */
  readonly stateCount: number
  /** Newest step of each cell, or `noStep`. */
  readonly steps: Int32Array
  /** 0 dead, 1 alive, 2 and above dying; or `unknown`. */
  readonly states: Uint8Array
  /** Steps since each cell took its present state, at most `maxAge`. */
  readonly ages: Uint8Array
  /** An age of so many steps is only known as "at least"; absent when that is `maxAge`. */
  readonly agesUpTo?: number
  /** How busy each cell lately was: 0 (settled) to 255 (changes at every step). */
  readonly heats: Uint8Array
}

export const emptyFrame = (width: number, height: number, stateCount = 2): Frame => ({
  width,
  height,
  stateCount,
  steps: new Int32Array(width * height).fill(noStep),
  states: new Uint8Array(width * height).fill(unknown),
  ages: new Uint8Array(width * height),
  heats: new Uint8Array(width * height)
})

export interface StepRange {
  readonly min: number
  readonly max: number
}

/** Least and greatest step of the cells that have told one; both `noStep` when none has. */
export const stepRange = ({ steps }: Frame): StepRange => {
  let min = Number.POSITIVE_INFINITY
  let max = noStep
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index]!
    if (step === noStep) continue
    if (step < min) min = step
    if (step > max) max = step
  }
  return max === noStep ? { min: noStep, max: noStep } : { min, max }
}

/** The numbers that the picture before the run shows. */
const arrivals = (status: StatusBlock | undefined): string =>
  status === undefined ? "" : `${status.phase} ${status.connected} ${status.subscribed}`

/** A server without a game. */
const nothing = { width: 0, height: 0, topology: "", stateCount: 2 }

export class Model {
  frame: Frame = emptyFrame(0, 0)
  game = 0
  /** Which server's game it is. */
  server = 0
  topology = ""
  /** Grows with every other game: a server that was started again counts its games from 1 again. */
  epoch = 0
  /** Whether only whole generations are taken: those of several steps, told before the server heard so, are passed over. */
  wantsWhole = false
  status: StatusBlock | undefined = undefined
  /** Grows with every change of what is drawn. */
  version = 0

  /** Whether workers still come: before cells tell their states, the picture is of them. */
  get isArriving(): boolean {
    return this.status?.phase === "connecting" || this.status?.phase === "subscribing"
  }

  /** The server that the next game is of: it is told in front of every game. */
  #announced = 0

  /** Takes in the blocks of a message. False when they do not fit the grid, which a correct server never sends. */
  apply(blocks: ReadonlyArray<Block>): boolean {
    for (const block of blocks) {
      switch (block._tag) {
        case "Game":
          this.#begin(block, this.#announced)
          break
        case "Cells":
          if (this.wantsWhole && !isGeneration(block, this.frame.stateCount)) break
          if (!this.#update(block)) return false
          this.version++
          break
        case "Status":
          // A server that was started again may have no game to announce.
          if (block.game !== this.game) this.#begin({ ...nothing, game: block.game }, this.#announced)
          if (arrivals(block) !== arrivals(this.status)) this.version++
          this.status = block
          break
        case "Server":
          this.#announced = block.server
      }
    }
    return true
  }

  #begin({ game, height, stateCount, topology, width }: Omit<GameBlock, "_tag">, server: number): void {
    if (game !== this.game || server !== this.server) this.epoch++
    this.game = game
    this.server = server
    this.topology = topology
    this.frame = emptyFrame(width, height, stateCount)
    this.status = undefined
    this.version++
  }

  #update({ ages, base, indices, values }: CellsBlock): boolean {
    const { stateCount, steps } = this.frame
    const cells = steps.length
    if (indices === undefined && values.length !== cells) return false
    for (let k = 0; k < values.length; k++) {
      const index = indices === undefined ? k : indices[k]!
      if (index >= cells) return false
      const value = values[k]! - 1
      if (value >= 0) this.#set(index, base + Math.floor(value / stateCount), value % stateCount, ages[k]!)
    }
    return true
  }

  #set(index: number, step: number, state: number, age: number): void {
    const { ages, heats, states, steps } = this.frame
    const elapsed = step - steps[index]!
    const known = states[index] !== unknown
    if (elapsed > 0 && known) {
      // A cell younger than the time that passed changed meanwhile, even if it is back in the state that was known.
      heats[index] = heatAfter(heats[index]!, elapsed, age < elapsed)
    }
    steps[index] = step
    states[index] = state
    ages[index] = age
  }
}
