/** Reads recordings: splits bytes into blocks, and turns blocks into states of cells. */
import { concat } from "./Bytes.ts"
import { headerBytes, kind, type RecordedBlock, type RecordedGame, readGame } from "./Recording.ts"

/** Says why bytes are not a recording, or not a whole one. */
export class RecordingDamage extends Error {
  override readonly name = "RecordingDamage"
}

/** The longest body of a block, in bytes. */
const MAX_BODY = 1 << 30

/** Splits bytes into blocks as they arrive. */
export class BlockSplitter {
  #rest: Uint8Array = new Uint8Array(0)

  /** The number of bytes that are not a whole block yet. */
  get rest(): number {
    return this.#rest.length
  }

  /**
   * Adds bytes, and returns the blocks that are now whole. Throws `RecordingDamage` for a length that no block can
   * have.
   */
  take(bytes: Uint8Array): ReadonlyArray<RecordedBlock> {
    const all = this.#rest.length === 0 ? bytes : concat([this.#rest, bytes])
    const view = new DataView(all.buffer, all.byteOffset, all.length)
    const blocks: Array<RecordedBlock> = []
    let at = 0
    while (at + headerBytes <= all.length) {
      const length = view.getUint32(at + 1, true)
      if (length > MAX_BODY) throw new RecordingDamage("it has a block of an impossible length")
      if (at + headerBytes + length > all.length) break
      blocks.push({ kind: all[at]!, body: all.subarray(at + headerBytes, at + headerBytes + length) })
      at += headerBytes + length
    }
    this.#rest = all.slice(at)
    return blocks
  }
}

/** Called with each state, in the order of the recording. */
export interface RecordingListener {
  readonly state: (index: number, step: number, state: number) => void
  /** Called after the states of each block, with their time in milliseconds since the beginning. */
  readonly time?: (milliseconds: number) => void
}

/** The states of a piece, which take one or two milliseconds. */
const PIECE = 1 << 16

/** Reads varints of a body. Throws `RecordingDamage` past its end. */
class BodyReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  varint(): number {
    // Nearly all numbers have one byte.
    const first = this.#bytes[this.#at]
    if (first !== undefined && first < 128) {
      this.#at++
      return first
    }
    let value = 0
    for (let factor = 1; factor < 2 ** 53; factor *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new RecordingDamage("a block is too short for its contents")
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
    throw new RecordingDamage("it has a number that is too large")
  }
}

/** A page of `CellNumbers` has the cells whose numbers differ only in these bits. */
const BITS = 12
const PAGE = 1 << BITS

/**
 * A whole number for each cell of a grid. Memory is taken only for pages of cells that got a number: the size of the grid is what a
 * recording says of itself, and a few bytes can say a lot.
 */
export class CellNumbers {
  readonly #initial: number
  readonly #pages: Array<Int32Array | undefined> = []

  constructor(initial: number) {
    this.#initial = initial
  }

  get(index: number): number {
    const page = this.#pages[index >>> BITS]
    return page === undefined ? this.#initial : page[index & (PAGE - 1)]!
  }

  set(index: number, value: number): void {
    const page = this.#pages[index >>> BITS] ?? this.#add(index >>> BITS)
    page[index & (PAGE - 1)] = value
  }

  #add(number: number): Int32Array {
    const page = new Int32Array(PAGE).fill(this.#initial)
    // Without holes, so that each number is found by its place.
    while (this.#pages.length < number) this.#pages.push(undefined)
    this.#pages[number] = page
    return page
  }
}

/**
 * Reports the states of a recording in their order, each once. A recording whose beginning was dropped starts with a
 * keyframe of a later time. A server may repeat blocks from a keyframe on; states that were reported are not reported
 * again.
 */
export class RecordingReader {
  readonly game: RecordedGame
  /** The step of each cell after the last block, and the newest step that was reported. */
  readonly #steps = new CellNumbers(-1)
  readonly #newest = new CellNumbers(-1)
  readonly #cells: number
  #time = 0

  constructor(game: RecordedGame) {
    this.game = game
    this.#cells = game.width * game.height
  }

  /**
   * A reader of the recording that begins with this block. Throws `RecordingDamage` if this is not the first block of a
   * recording.
   */
  static of(first: RecordedBlock): RecordingReader {
    const game = first.kind === kind.game ? readGame(first.body) : "it does not begin like a recording"
    if (typeof game === "string") throw new RecordingDamage(game)
    return new RecordingReader(game)
  }

  /** The milliseconds from the beginning of the game to the last block. */
  get time(): number {
    return this.#time
  }

  /** Reads a block. Blocks of unknown kinds are skipped. Packed ones must be unpacked before. */
  read(block: RecordedBlock, listener: RecordingListener): void {
    const pieces = this.pieces(block, listener)
    while (pieces.next().done !== true);
  }

  /** The same in pieces of a few milliseconds, since a block of a large game has a million states. */
  *pieces({ body, kind: found }: RecordedBlock, listener: RecordingListener): Generator<void> {
    if (found === kind.keyframe) yield* this.#keyframe(new BodyReader(body), listener)
    else if (found === kind.news) yield* this.#news(new BodyReader(body), listener)
    else return
    listener.time?.(this.#time)
  }

  *#keyframe(body: BodyReader, listener: RecordingListener): Generator<void> {
    this.#time = body.varint()
    const base = body.varint()
    const { stateCount } = this.game
    for (let index = 0; index < this.#cells; index++) {
      if (index % PIECE === PIECE - 1) yield
      const value = body.varint()
      if (value === 0) {
        if (this.#steps.get(index) !== -1) this.#steps.set(index, -1)
      } else this.#take(index, base + Math.floor((value - 1) / stateCount), (value - 1) % stateCount, listener)
    }
  }

  *#news(body: BodyReader, { state: onState }: RecordingListener): Generator<void> {
    this.#time += body.varint()
    const { stateCount } = this.game
    // A large game has millions of entries in a second, so the loop has what it needs at hand.
    const [steps, newest, cells] = [this.#steps, this.#newest, this.#cells]
    const choices = 2 * stateCount
    let index = 0
    for (let count = body.varint(); count > 0; count--) {
      if (count % PIECE === 0) yield
      const value = body.varint()
      // A small whole number takes the place of a division most of the time.
      const skipped = value < choices ? 0 : Math.floor(value / choices)
      const choice = value - skipped * choices
      index += skipped
      if (index >= cells) throw new RecordingDamage("it has a cell outside of its grid")
      const isNext = choice < stateCount
      const step = steps.get(index) + (isNext ? 1 : body.varint())
      steps.set(index, step)
      if (step > newest.get(index)) {
        newest.set(index, step)
        onState(index, step, isNext ? choice : choice - stateCount)
      }
      index++
    }
  }

  #take(index: number, step: number, state: number, { state: onState }: RecordingListener): void {
    this.#steps.set(index, step)
    if (step <= this.#newest.get(index)) return
    this.#newest.set(index, step)
    onState(index, step, state)
  }
}
