/** Reads recordings: turns blocks into states of cells. */
import { CellPage, PAGE, Pages } from "./CellPages.ts"
import { RecordedGenerations } from "./RecordedGenerations.ts"
import { kind, type RecordedBlock, type RecordedGame, type RecordedStates, readGame } from "./Recording.ts"
import { BodyReader, RecordingDamage } from "./RecordingBlocks.ts"

export { BlockSplitter, keyframeHead, RecordingDamage } from "./RecordingBlocks.ts"

/** Called with each state, in the order of the recording. */
export interface RecordingListener {
  readonly state?: (index: number, step: number, state: number) => void
  /** Called with many states. The arrays are used again. */
  readonly columns?: (states: RecordedStates) => void
  /** Called after the states of each block, with their time in milliseconds since the beginning. */
  readonly time?: (milliseconds: number) => void
}

const report = (reported: RecordedStates, { columns, state }: RecordingListener): void => {
  columns?.(reported)
  const { cells, states, steps } = reported
  if (state !== undefined) for (let at = 0; at < cells.length; at++) state(cells[at]!, steps[at]!, states[at]!)
}

/** The states of a piece, which take one or two milliseconds. */
const PIECE = 1 << 16

/**
 * Reports the states of a recording in their order, each once. A recording whose beginning was dropped starts with a
 * keyframe of a later time. A server may repeat blocks from a keyframe on; states that were reported are not reported
 * again.
 */
export class RecordingReader {
  readonly game: RecordedGame
  readonly #pages = new Pages(() => new CellPage())
  readonly #cells: number
  readonly #piece: Piece
  /** What the pages lack while whole generations follow each other. */
  readonly #generations: RecordedGenerations
  #time = 0

  constructor(game: RecordedGame) {
    this.game = game
    this.#cells = game.width * game.height
    this.#piece = new Piece(Math.min(PIECE, this.#cells))
    this.#generations = new RecordedGenerations(this.#pages, this.#cells, game.stateCount)
  }

  /** A reader of the recording with this first block. Throws `RecordingDamage` if it is none. */
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

  /** The step of a cell after the last block; -1 before any. */
  stepOf(index: number): number {
    return this.#generations.step ?? this.#pages.find(index)?.steps[index & (PAGE - 1)] ?? -1
  }

  /** The state of a cell at that step. */
  stateOf(index: number): number {
    return this.#generations.stateOf(index) ?? this.#pages.find(index)?.states[index & (PAGE - 1)] ?? 0
  }

  *#keyframe(body: BodyReader, listener: RecordingListener): Generator<void> {
    this.#time = body.varint()
    const base = body.varint()
    if (this.#generations.repeats(base, body.rest)) return
    this.#generations.end()
    const { stateCount } = this.game
    const piece = this.#piece
    piece.begin(listener)
    for (let index = 0; index < this.#cells; index++) {
      if (index > 0 && index % PIECE === 0) {
        piece.flush()
        yield
      }
      const value = body.varint()
      const at = index & (PAGE - 1)
      if (value === 0) {
        const page = this.#pages.find(index)
        if (page !== undefined) page.steps[at] = -1
        continue
      }
      const { newest, states, steps } = this.#pages.of(index)
      const ahead = Math.floor((value - 1) / stateCount)
      const state = value - 1 - ahead * stateCount
      const step = base + ahead
      steps[at] = step
      states[at] = state
      if (step <= newest[at]!) continue
      newest[at] = step
      piece.add(index, step, state)
    }
    piece.flush()
    this.#generations.begin()
  }

  *#news(body: BodyReader, listener: RecordingListener): Generator<void> {
    this.#time += body.varint()
    const count = body.varint()
    const generation = count === this.#cells ? this.#generations.next(body.rest) : undefined
    if (generation !== undefined) return report(generation, listener)
    this.#generations.end()
    const { stateCount } = this.game
    const choices = 2 * stateCount
    let index = 0
    const piece = this.#piece
    piece.begin(listener)
    /** The entries until others may have their turn. */
    let room = PIECE
    for (let left = count; left > 0; ) {
      if (room === 0) {
        piece.flush()
        yield
        room = PIECE
      }
      const value = body.varint()
      const skipped = value < choices ? 0 : Math.floor(value / choices)
      const choice = value - skipped * choices
      index += skipped
      if (index >= this.#cells) throw new RecordingDamage("it has a cell outside of its grid")
      const { newest, states, steps } = this.#pages.of(index)
      const at = index & (PAGE - 1)
      const isNext = choice < stateCount
      const step = steps[at]! + (isNext ? 1 : body.varint())
      const state = isNext ? choice : choice - stateCount
      steps[at] = step
      states[at] = state
      if (step > newest[at]!) {
        newest[at] = step
        piece.add(index, step, state)
      }
      index++
      left--
      room--
      // Most often the next cells go on by one step too. A large game has millions of them in a second.
      const run = Math.min(left, room, PAGE - (index & (PAGE - 1)), this.#cells - index)
      if (run <= 0) continue
      const taken = this.#run(body, index, run)
      index += taken
      left -= taken
      room -= taken
    }
    piece.flush()
    if (count === this.#cells) this.#generations.begin()
  }

  /** Reads at most `most` entries of cells in a row, from `index` on and of one page, that went on by one step. Returns how many. */
  #run(body: BodyReader, index: number, most: number): number {
    const piece = this.#piece
    const { newest, states, steps } = this.#pages.of(index)
    const { stateCount } = this.game
    const { bytes } = body
    const from = index & (PAGE - 1)
    let next = body.at
    let taken = 0
    let { count } = piece
    for (; taken < most; taken++) {
      const state = bytes[next]
      if (state === undefined || state >= stateCount || state > 127) break
      next++
      const at = from + taken
      const step = steps[at]! + 1
      steps[at] = step
      states[at] = state
      if (step <= newest[at]!) continue
      newest[at] = step
      piece.cells[count] = index + taken
      piece.steps[count] = step
      piece.states[count++] = state
    }
    piece.count = count
    body.at = next
    return taken
  }
}

/** Collects the states of a piece for a listener. The arrays are used again for each piece: most blocks have a few states. */
class Piece {
  readonly cells: Uint32Array
  readonly steps: Int32Array
  readonly states: Uint8Array
  count = 0
  #listener: RecordingListener = {}

  constructor(size: number) {
    this.cells = new Uint32Array(size)
    this.steps = new Int32Array(size)
    this.states = new Uint8Array(size)
  }

  /** What a block that could not be read to its end has left is dropped. */
  begin(listener: RecordingListener): void {
    this.#listener = listener
    this.count = 0
  }

  add(cell: number, step: number, state: number): void {
    this.cells[this.count] = cell
    this.steps[this.count] = step
    this.states[this.count++] = state
  }

  flush(): void {
    const { cells, count, states, steps } = this
    this.count = 0
    report(
      { cells: cells.subarray(0, count), steps: steps.subarray(0, count), states: states.subarray(0, count) },
      this.#listener
    )
  }
}
