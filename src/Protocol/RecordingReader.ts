/** Reads recordings: bytes to blocks, and blocks to what was on the grid. */
import { concat } from "./Bytes.ts"
import { headerBytes, kind, type RecordedBlock, type RecordedGame, readGame } from "./Recording.ts"

/** Why bytes are no recording, or no whole one. */
export class RecordingDamage extends Error {
  override readonly name = "RecordingDamage"
}

/** A body longer than this is no body. */
const MAX_BODY = 1 << 30

/** Splits bytes, as they come, into blocks. */
export class BlockSplitter {
  #rest: Uint8Array = new Uint8Array(0)

  /** Bytes that are no whole block yet. */
  get rest(): number {
    return this.#rest.length
  }

  /** The blocks that are whole now. Throws `RecordingDamage` for a length that none has. */
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

/** Reads varints of a body; throws `RecordingDamage` at its end. */
class BodyReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  varint(): number {
    let value = 0
    for (let factor = 1; factor < 2 ** 53; factor *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new RecordingDamage("a block ends in the middle")
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
    throw new RecordingDamage("it has a number that is too large")
  }
}

/**
 * Tells the states of a recording in their order, each once. A recording whose beginning was dropped starts with a
 * keyframe of a later time. A server may repeat blocks from a keyframe on: what was told is not told again.
 */
export class RecordingReader {
  readonly game: RecordedGame
  /** The step of each cell as of the block that was read last, and the newest that was told. */
  readonly #steps: Int32Array
  readonly #told: Int32Array
  #time = 0

  constructor(game: RecordedGame) {
    this.game = game
    this.#steps = new Int32Array(game.width * game.height).fill(-1)
    this.#told = new Int32Array(game.width * game.height).fill(-1)
  }

  /** The reader of what begins with this block. Throws `RecordingDamage` where that is no recording's first. */
  static of(first: RecordedBlock): RecordingReader {
    const game = first.kind === kind.game ? readGame(first.body) : "it does not begin as a recording does"
    if (typeof game === "string") throw new RecordingDamage(game)
    return new RecordingReader(game)
  }

  /** Milliseconds from the beginning of the game to the block that was read last. */
  get time(): number {
    return this.#time
  }

  /** Reads a block; those of kinds that it does not know are passed over, and packed ones are to be unpacked before. */
  read({ body, kind: found }: RecordedBlock, listener: RecordingListener): void {
    if (found === kind.keyframe) this.#keyframe(new BodyReader(body), listener)
    else if (found === kind.news) this.#news(new BodyReader(body), listener)
    else return
    listener.time?.(this.#time)
  }

  #keyframe(body: BodyReader, listener: RecordingListener): void {
    this.#time = body.varint()
    const base = body.varint()
    const { stateCount } = this.game
    for (let index = 0; index < this.#steps.length; index++) {
      const value = body.varint()
      if (value === 0) this.#steps[index] = -1
      else this.#take(index, base + Math.floor((value - 1) / stateCount), (value - 1) % stateCount, listener)
    }
  }

  #news(body: BodyReader, listener: RecordingListener): void {
    this.#time += body.varint()
    const { stateCount } = this.game
    let index = 0
    for (let count = body.varint(); count > 0; count--) {
      const value = body.varint()
      index += Math.floor(value / (2 * stateCount))
      if (index >= this.#steps.length) throw new RecordingDamage("it tells of a cell that its game does not have")
      const ahead = value % (2 * stateCount) >= stateCount ? body.varint() : 1
      this.#take(index, this.#steps[index]! + ahead, value % stateCount, listener)
      index++
    }
  }

  #take(index: number, step: number, state: number, { state: told }: RecordingListener): void {
    this.#steps[index] = step
    if (step <= this.#told[index]!) return
    this.#told[index] = step
    told(index, step, state)
  }
}
