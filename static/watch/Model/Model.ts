/**
 * The game as the page knows it: the newest state of every cell and the newest figures. The one that draws has the cells (`apply`). That
 * of the page reads the figures alone (`note`), and gets a frame of the cells from time to time (`adopt`). It does not depend on a browser.
 */
import type {
  BitsBlock,
  Block,
  CellsBlock,
  FiguresBlock,
  GameBlock,
  StatusBlock
} from "../../../src/Protocol/WatchProtocol.ts"
import { bitmapBytes, isGeneration, MAX_AGE, NO_STEP, UNKNOWN } from "../../../src/Protocol/WatchProtocol.ts"
import { cooler, heatAfter, heatsAfterChanges, warmer } from "./Heat.ts"

/** One picture of the grid, with one value per cell in each array. */
export interface Frame {
  readonly width: number
  readonly height: number
  /** The number of states of the rule. */
  readonly stateCount: number
  /** The newest step of each cell, or `NO_STEP`. */
  readonly steps: Int32Array
  /** 0 dead, 1 alive, 2 and above dying; or `unknown`. */
  readonly states: Uint8Array
  /** The steps for which each cell has had its current state, at most `MAX_AGE`. */
  readonly ages: Uint8Array
  /** An age of this many steps means "at least this age". Absent: `MAX_AGE`. */
  readonly agesUpTo?: number
  /** How often each cell changed recently: 0 (settled) to 255 (changes at every step). */
  readonly heats: Uint8Array
}

export const emptyFrame = (width: number, height: number, stateCount = 2): Frame => ({
  width,
  height,
  stateCount,
  steps: new Int32Array(width * height).fill(NO_STEP),
  states: new Uint8Array(width * height).fill(UNKNOWN),
  ages: new Uint8Array(width * height),
  heats: new Uint8Array(width * height)
})

export const copyOf = (frame: Frame): Frame => ({
  ...frame,
  steps: frame.steps.slice(),
  states: frame.states.slice(),
  ages: frame.ages.slice(),
  heats: frame.heats.slice()
})

export interface StepRange {
  readonly min: number
  readonly max: number
}

/** The lowest and highest step of all cells that have one; both are `NO_STEP` if no cell has. */
export const stepRange = ({ steps }: Frame): StepRange => {
  let min = Number.POSITIVE_INFINITY
  let max = NO_STEP
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index]!
    if (step === NO_STEP) continue
    if (step < min) min = step
    if (step > max) max = step
  }
  return max === NO_STEP ? { min: NO_STEP, max: NO_STEP } : { min, max }
}

/** The cells of a game at one time, as one model gives them to another. */
export interface Sighting {
  /** The number of the grid, as `Model.begun` of the page counts. */
  readonly begun: number
  readonly frame: Frame
}

/** The numbers on which the picture before the run depends. */
const arrivals = (status: StatusBlock | undefined): string =>
  status === undefined ? "" : `${status.phase} ${status.connected} ${status.subscribed}`

/** A server without a game. */
const nothing = { width: 0, height: 0, topology: "", stateCount: 2 }

/** Four bits in the lowest bits of four bytes. */
const spread = Uint32Array.from({ length: 16 }, (_, bits) =>
  [0, 1, 2, 3].reduce((word, at) => word + ((bits >> at) & 1) * 2 ** (8 * at), 0)
)

/** Four ages in the bytes of a word, each a step older, up to `MAX_AGE`, which is that of a byte. */
const older = (ages: number): number => {
  const sums = ((ages & 0x7f7f_7f7f) + 0x0101_0101) ^ (ages & 0x8080_8080)
  // The highest bit of each byte that went from 255 to 0.
  const over = ages & ~sums & 0x8080_8080
  return sums | (over - (over >>> 7)) | over
}

export class Model {
  frame: Frame = emptyFrame(0, 0)
  game = 0
  /** The server of the game. */
  server = 0
  topology = ""
  /** Increases with every new game. The number of the game is not enough, because a restarted server counts from 1 again. */
  epoch = 0
  /** Whether to take only whole generations. States of several steps, which the server sent before it got the request, are ignored. */
  wantsWhole = false
  status: StatusBlock | undefined = undefined
  /** Increases with every change of the picture. */
  version = 0
  /** How many grids have begun, also of the same game: a server sends it anew over each connection. */
  begun = 0

  #steps: StepRange = { min: NO_STEP, max: NO_STEP }
  #stepsOf: { readonly frame: Frame; readonly version: number } | undefined

  /**
   * The range of the newest frame's steps. The server tells it, because looking at a million cells takes a millisecond and several
   * parts ask. Whole generations are older than what it tells, and an older server does not.
   */
  get steps(): StepRange {
    const { greatest = NO_STEP, least = NO_STEP } = this.status ?? {}
    if (!this.wantsWhole && least !== NO_STEP) return { min: least, max: greatest }
    const { frame, version } = this
    if (this.#stepsOf?.frame !== frame || this.#stepsOf.version !== version) this.#steps = stepRange(frame)
    this.#stepsOf = { frame, version }
    return this.#steps
  }

  /** Whether a client of a game has come. A server without a game has an empty grid of its own. */
  get hasGame(): boolean {
    return this.status !== undefined && this.status.phase !== "idle"
  }

  /** Whether workers are still connecting. Before there are states, the picture shows the workers. */
  get isArriving(): boolean {
    return this.status?.phase === "connecting" || this.status?.phase === "subscribing"
  }

  /** The server of the next game. It is announced before every game. */
  #announced = 0

  /** Applies the blocks of a message. Returns false if they do not fit the grid, which a correct server never sends. */
  apply(blocks: ReadonlyArray<Block>): boolean {
    for (const block of blocks) {
      switch (block._tag) {
        case "Cells":
          if (this.wantsWhole && !isGeneration(block, this.frame.stateCount)) break
          if (!this.#update(block)) return false
          this.version++
          break
        case "Bits":
          // Asked for before the page wanted whole generations only.
          if (this.wantsWhole && this.frame.steps[0] !== block.base) break
          if (!this.#advance(block)) return false
          this.version++
          break
        default:
          this.#note(block)
      }
    }
    return true
  }

  /** Takes the blocks of a message that are not about cells. `hasCells`: there are others, which another model applies. */
  note(blocks: ReadonlyArray<FiguresBlock>, hasCells: boolean): void {
    for (const block of blocks) this.#note(block)
    if (hasCells) this.version++
  }

  /** Takes a frame of the model that applies the cells, unless another game has begun since. */
  adopt({ begun, frame }: Sighting): boolean {
    if (begun !== this.begun) return false
    this.frame = frame
    return true
  }

  #note(block: FiguresBlock): void {
    switch (block._tag) {
      case "Game":
        this.#begin(block, this.#announced)
        break
      case "Status":
        // A restarted server may have no game to announce.
        if (block.game !== this.game) this.#begin({ ...nothing, game: block.game }, this.#announced)
        if (arrivals(block) !== arrivals(this.status)) this.version++
        this.status = block
        break
      case "Server":
        this.#announced = block.server
    }
  }

  #begin({ game, height, stateCount, topology, width }: Omit<GameBlock, "_tag">, server: number): void {
    if (game !== this.game || server !== this.server) this.epoch++
    this.begun++
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

  /** Goes on by whole steps. Returns false if the cells are not at the step before. */
  #advance({ base, bitmaps }: BitsBlock): boolean {
    const { ages, heats, stateCount, states, steps } = this.frame
    if (stateCount !== 2 || steps[0] !== base || bitmaps[0]?.length !== bitmapBytes(states.length)) return false
    const count = bitmaps.length
    const heatsAfter = heatsAfterChanges(count)
    // Four cells at a time, each in a byte of a word. Bit k of a byte of `changes` says whether its cell changed in step k.
    const words = states.length >> 2
    const fourStates = new Uint32Array(states.buffer, states.byteOffset, words)
    const fourAges = new Uint32Array(ages.buffer, ages.byteOffset, words)
    const fourHeats = new Uint32Array(heats.buffer, heats.byteOffset, words)
    for (let word = 0; word < words; word++) {
      const shift = 4 * (word & 1)
      let state = fourStates[word]!
      let age = fourAges[word]!
      let changes = 0
      for (let step = 0; step < count; step++) {
        const next = spread[(bitmaps[step]![word >> 1]! >> shift) & 15]!
        const changed = state ^ next
        state = next
        changes |= changed << step
        age = older(age) & ~Math.imul(changed, 255)
      }
      fourStates[word] = state
      fourAges[word] = age
      const heat = fourHeats[word]!
      // Most cells of a game that has settled are cold.
      if ((heat | changes) === 0) continue
      fourHeats[word] =
        heatsAfter[((changes & 255) << 8) | (heat & 255)]! |
        (heatsAfter[(changes & 0xff00) | ((heat >>> 8) & 255)]! << 8) |
        (heatsAfter[((changes >>> 8) & 0xff00) | ((heat >>> 16) & 255)]! << 16) |
        (heatsAfter[((changes >>> 16) & 0xff00) | (heat >>> 24)]! << 24)
    }
    for (let index = 4 * words; index < states.length; index++) {
      let changes = 0
      for (const [step, bitmap] of bitmaps.entries()) {
        const state = (bitmap[index >> 3]! >> (index & 7)) & 1
        const hasChanged = state !== states[index]
        if (hasChanged) changes |= 1 << step
        ages[index] = hasChanged ? 0 : Math.min(MAX_AGE, ages[index]! + 1)
        states[index] = state
      }
      heats[index] = heatsAfter[(changes << 8) | heats[index]!]!
    }
    steps.fill(base + count)
    return true
  }

  #set(index: number, step: number, state: number, age: number): void {
    const { ages, heats, states, steps } = this.frame
    const elapsed = step - steps[index]!
    const known = states[index] !== UNKNOWN
    if (elapsed > 0 && known) {
      // If the age is lower than the number of steps that passed, the cell changed, even if its state is the same again.
      heats[index] =
        elapsed === 1 ? (age === 0 ? warmer : cooler)[heats[index]!]! : heatAfter(heats[index]!, elapsed, age < elapsed)
    }
    steps[index] = step
    states[index] = state
    ages[index] = age
  }
}
