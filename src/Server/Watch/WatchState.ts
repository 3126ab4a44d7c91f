/**
 * The state of the present game for its watchers: the newest step and state of every cell, and which cells changed
 * lately. The relay calls `record` for every state message, so it only writes into typed arrays.
 */
import type { RecordedStates } from "../../Protocol/Recording.ts"
import type { BitsBlock, Phase } from "../../Protocol/WatchProtocol.ts"
import { MAX_AGE, NO_STEP, UNKNOWN } from "../../Protocol/WatchProtocol.ts"
import type { Grid } from "../Game/GameState.ts"
import * as Bitmap from "./Bitmap.ts"
import { type Generation, Generations } from "./Generations.ts"
import { WholeSteps } from "./WholeSteps.ts"

/** A grid at one time: a state for each cell, {@link UNKNOWN} for a cell that has none. */
export interface WatchSnapshot extends Grid {
  readonly states: Uint8Array
}

export class WatchState {
  /** Distinguishes servers; the number of a game only distinguishes the games of one server. */
  readonly server = Math.floor(Math.random() * 2 ** 32)
  /** Distinguishes games. Increases with every reset. */
  game = 0
  width = 0
  height = 0
  topology = ""
  phase: Phase = "idle"
  connected = 0
  subscribed = 0
  /** Workers of the running game that lost their connections and were not replaced. */
  broken = 0
  stateCount = 2
  /** The number of cells whose last known state is not dead. Dying cells count too. */
  population = 0
  births = 0
  deaths = 0
  /** State messages that were received, and copies of them that were sent, since the reset. */
  messages = 0
  deliveries = 0
  /** Milliseconds that a message recently took through the relay. */
  latency = Number.NaN
  /** Bytes of memory that this process uses; 0 if not measured. */
  memory = 0
  /** What it used when it began to serve. */
  memoryBefore = 0

  #greatest = NO_STEP

  #steps = new Int32Array(0)
  states = new Uint8Array(0)
  /** The step at which each cell got its present state. */
  since = new Int32Array(0)
  /** The turn in which each cell last changed, so that what a watcher missed is found without a queue. */
  #turns = new Uint32Array(0)
  readonly generations = new Generations()
  /** The turn that is being recorded. */
  turn = 1

  #dirty = new Uint32Array(0)
  #dirtyCount = 0
  #sealed = new Uint32Array(0)
  #sealedCount = 0
  /** Whether all cells changed, whatever is in the lists. */
  #isAllDirty = false
  #isAllSealed = false
  /** The step at which all cells are; {@link NO_STEP} if they are not known to be at one. */
  #whole = NO_STEP
  /** The turn in which they came there, while the arrays of steps and turns lack it. */
  #wholeTurn: number | undefined
  readonly #wholeSteps = new WholeSteps()

  /** Starts a new game. Takes 25 bytes of memory for each cell, or 55 with more than two states. */
  reset(width: number, height: number, topology = "", stateCount = 2): void {
    const cells = width * height
    this.game++
    this.width = width
    this.height = height
    this.topology = topology
    this.stateCount = stateCount
    this.phase = "connecting"
    this.connected = 0
    this.subscribed = 0
    this.broken = 0
    this.population = 0
    this.births = 0
    this.deaths = 0
    this.messages = 0
    this.deliveries = 0
    this.latency = Number.NaN
    this.#greatest = NO_STEP
    this.#steps = new Int32Array(cells).fill(NO_STEP)
    this.states = new Uint8Array(cells).fill(UNKNOWN)
    this.since = new Int32Array(cells)
    this.#turns = new Uint32Array(cells)
    this.generations.reset(cells, stateCount)
    this.#dirty = new Uint32Array(cells)
    this.#sealed = new Uint32Array(cells)
    this.#dirtyCount = 0
    this.#sealedCount = 0
    this.#isAllDirty = this.#isAllSealed = false
    this.#whole = NO_STEP
    this.#wholeTurn = undefined
    this.#wholeSteps.begin(NO_STEP, new Uint32Array(0))
  }

  /** The newest step of each cell. */
  get steps(): Int32Array {
    this.#fill()
    return this.#steps
  }

  /** Writes what whole generations have left out: only somebody who asks for single cells needs it. */
  #fill(): void {
    if (this.#wholeTurn === undefined) return
    this.#steps.fill(this.#whole)
    this.#turns.fill(this.#wholeTurn)
    this.#wholeTurn = undefined
  }

  /** Records many states. Those of a whole generation of two states cost a few operations for 32 cells if it is the next one. */
  recordAll({ cells, generation, states, steps }: RecordedStates): void {
    const isWhole = generation !== undefined && cells.length === this.states.length && this.stateCount === 2
    if (isWhole && this.#whole !== NO_STEP && generation === this.#whole + 1)
      return this.#recordGeneration(generation, states)
    if (isWhole && cells.length > 0 && this.#greatest === NO_STEP) return this.#beginWhole(generation, states)
    for (let at = 0; at < cells.length; at++) this.record(cells[at]!, steps[at]!, states[at]!)
    if (!isWhole || this.generations.newest(this.steps) !== generation || generation !== this.#greatest) return
    this.#whole = generation
    this.#wholeSteps.begin(generation, Bitmap.of(this.states))
  }

  /** Records the first generation of a game. */
  #beginWhole(step: number, states: Uint8Array): void {
    this.states.set(states)
    this.since.fill(step)
    const bitmap = Bitmap.of(this.states)
    for (const bits of bitmap) this.population += Bitmap.count(bits)
    this.#wholeSteps.begin(step, bitmap)
    this.#noteWhole(step, bitmap)
  }

  #recordGeneration(step: number, states: Uint8Array): void {
    const { since } = this
    this.states.set(states)
    const before = this.#wholeSteps.newest
    const bitmap = Bitmap.of(this.states)
    let births = 0
    let deaths = 0
    for (let word = 0; word < bitmap.length; word++) {
      const bits = bitmap[word]!
      let changed = bits ^ before[word]!
      births += Bitmap.count(changed & bits)
      deaths += Bitmap.count(changed & ~bits)
      for (; changed !== 0; changed &= changed - 1) since[32 * word + 31 - Math.clz32(changed & -changed)] = step
    }
    this.births += births
    this.deaths += deaths
    this.population += births - deaths
    this.#wholeSteps.add(step, bitmap)
    this.#noteWhole(step, bitmap)
  }

  #noteWhole(step: number, bitmap: Uint32Array): void {
    const cells = this.states.length
    this.messages += cells
    this.generations.recordAll(step - 1, cells, bitmap)
    this.#greatest = step
    // The list itself is written when a watcher needs it.
    this.#dirtyCount = cells
    this.#isAllDirty = true
    this.#whole = step
    this.#wholeTurn = this.turn
  }

  /**
   * Records that the cell `index` (`row * width + column`, within the grid) is in `state` (less than the number of
   * states) at `step` (0 to 2^31 - 2). A message that is not newer than the known state, as after a resend, only counts
   * as a message.
   */
  record(index: number, step: number, state: number): void {
    this.messages++
    if (this.#whole !== NO_STEP) {
      if (step <= this.#whole) return
      this.#fill()
      this.#whole = NO_STEP
    }
    const stepBefore = this.#steps[index]!
    if (step <= stepBefore) return
    this.#steps[index] = step
    if (step > this.#greatest) this.#greatest = step
    this.generations.record(index, stepBefore, step, state)
    const before = this.states[index]!
    if (before !== state) {
      this.states[index] = state
      this.since[index] = step
      const wasDead = before === 0 || before === UNKNOWN
      if (state !== 0 && wasDead) {
        this.population++
        if (before !== UNKNOWN) this.births++
      } else if (state === 0 && !wasDead) {
        this.population--
        this.deaths++
      }
    }
    if (this.#turns[index] !== this.turn) {
      this.#turns[index] = this.turn
      this.#dirty[this.#dirtyCount++] = index
    }
  }

  setPhase(phase: Phase): void {
    this.phase = phase
  }

  setCounts(connected: number, subscribed: number, broken = 0): void {
    this.connected = connected
    this.subscribed = subscribed
    this.broken = broken
  }

  /** Ends the present turn, and keeps its list of cells until the next one ends. */
  seal(): void {
    const free = this.#sealed
    this.#sealed = this.#dirty
    this.#sealedCount = this.#dirtyCount
    this.#dirty = free
    this.#dirtyCount = 0
    this.#isAllSealed = this.#isAllDirty
    this.#isAllDirty = false
    if (this.#whole !== NO_STEP) this.#wholeSteps.seal(this.turn)
    this.turn++
  }

  /** The steps that a watcher lacks that knows everything up to the end of `turn`, if whole generations have come since. */
  wholeAfter(turn: number): Omit<BitsBlock, "_tag"> | undefined {
    // The present turn is empty when watchers are told.
    return this.#whole === NO_STEP ? undefined : this.#wholeSteps.after(turn)
  }

  /** All cells, if they are known to be at one step. */
  get wholeGeneration(): Generation | undefined {
    const { since, states } = this
    const step = this.#whole
    if (step === NO_STEP) return undefined
    const ages = new Uint8Array(states.length)
    for (let index = 0; index < ages.length; index++) ages[index] = Math.min(MAX_AGE, step - since[index]!)
    return { step, states, ages }
  }

  /** The lowest and the highest step of all cells; both are {@link NO_STEP} while some cell has none. */
  get range(): { readonly least: number; readonly greatest: number } {
    if (this.#whole !== NO_STEP) return { least: this.#whole, greatest: this.#whole }
    const least = this.generations.newest(this.steps)
    return { least, greatest: least === NO_STEP ? NO_STEP : this.#greatest }
  }

  /** The newest whole generation, or the newest state of each cell if there is none. */
  snapshot(): WatchSnapshot {
    const { height, stateCount, width } = this
    const states = this.generations.generation(this.steps, this.since)?.states ?? this.states.slice()
    return { width, height, topology: this.topology, stateCount, states }
  }

  /** Whether any cell changed since the last turn ended. */
  get isDirty(): boolean {
    return this.#dirtyCount > 0
  }

  /** Writes the numbers of the cells that changed after `turn` into `into`, and returns how many there are. */
  changedAfter(turn: number, into: Uint32Array): number {
    if (turn === this.turn - 2 && !this.#isAllSealed) {
      into.set(this.#sealed.subarray(0, this.#sealedCount))
      return this.#sealedCount
    }
    this.#fill()
    const turns = this.#turns
    let count = 0
    for (let index = 0; index < turns.length; index++) {
      if (turns[index]! > turn) into[count++] = index
    }
    return count
  }
}
