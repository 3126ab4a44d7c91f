/** Reads a whole recording from a file or from a server. */
import { inflateRawSync } from "node:zlib"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { kind, type RecordedBlock, type RecordedGame, type RecordedStates } from "../../Protocol/Recording.ts"
import { BlockSplitter, RecordingDamage } from "../../Protocol/RecordingBlocks.ts"
import { RecordingReader } from "../../Protocol/RecordingReader.ts"
import * as FileProblem from "../../Text/FileProblem.ts"
import { messageOf } from "../../Text/Thrown.ts"
import * as PemFiles from "../PemFiles.ts"
import { UserError } from "../UserError.ts"
import { type BlockPosition, Positions } from "./Positions.ts"
import * as RecordingUrl from "./RecordingUrl.ts"

export interface Recording {
  readonly game: RecordingReader["game"]
  /** The number of bytes at the end that are not a whole block. Above 0 if the recording was cut off. */
  readonly rest: number
  /**
   * The states from a position on, in groups with a time. `undefined` comes while a large group is read: then there was work for a
   * millisecond, and others may have their turn.
   */
  readonly groups: (from?: BlockPosition) => Iterable<Group | undefined>
  /**
   * The end as far as it is known, which is right when this has ended. It has little to do if the recording has keyframes. If it has
   * none, positions are kept on the way.
   */
  readonly ends: () => Iterable<Moment>
  readonly positions: Positions
}

/** States that came within a few milliseconds. The arrays are used again for the next group. */
export interface Group extends RecordedStates {
  /** The lowest and the highest of the steps. */
  readonly least: number
  readonly greatest: number
  /** Milliseconds since the beginning of the game. */
  readonly time: number
}

/** A moment of a recording, and the highest step of a cell then. */
export interface Moment {
  readonly step: number
  /** Milliseconds since the beginning of the game. */
  readonly time: number
}

/** The most bytes of a decompressed block, so that a damaged one can't use all memory. */
const MAX_INFLATED = 1 << 30

/** The blocks of a packed block, or the block itself. */
export const unpacked = function* ({ body, kind: found }: RecordedBlock): Iterable<RecordedBlock> {
  if (found !== kind.packed) return yield { body, kind: found }
  yield* new BlockSplitter().take(inflateRawSync(body, { maxOutputLength: MAX_INFLATED }))
}

/** Collects states in arrays that grow: a group of a large game has a million. */
class States {
  #cells = new Uint32Array(1024)
  #steps = new Int32Array(1024)
  #states = new Uint8Array(1024)
  #generation: RecordedStates | undefined
  count = 0

  readonly add = (added: RecordedStates): void => {
    const { cells, states, steps } = added
    // A whole generation comes alone, and is not copied.
    this.#generation = added.generation === undefined ? undefined : added
    if (this.#generation !== undefined) {
      this.count = cells.length
      return
    }
    while (this.count + cells.length > this.#cells.length) this.#grow()
    this.#cells.set(cells, this.count)
    this.#steps.set(steps, this.count)
    this.#states.set(states, this.count)
    this.count += cells.length
  }

  get all(): RecordedStates {
    const { count } = this
    return (
      this.#generation ?? {
        cells: this.#cells.subarray(0, count),
        steps: this.#steps.subarray(0, count),
        states: this.#states.subarray(0, count)
      }
    )
  }

  #grow(): void {
    const [cells, steps, states] = [this.#cells, this.#steps, this.#states]
    this.#cells = new Uint32Array(2 * cells.length)
    this.#steps = new Int32Array(2 * cells.length)
    this.#states = new Uint8Array(2 * cells.length)
    this.#cells.set(cells)
    this.#steps.set(steps)
    this.#states.set(states)
  }
}

export const groupOf = (states: RecordedStates, time: number): Group => {
  const { generation, steps } = states
  if (generation !== undefined) return { ...states, least: generation, greatest: generation, time }
  let least = Number.POSITIVE_INFINITY
  let greatest = Number.NEGATIVE_INFINITY
  for (let at = 0; at < steps.length; at++) {
    const step = steps[at]!
    if (step < least) least = step
    if (step > greatest) greatest = step
  }
  return { ...states, least, greatest, time }
}

type Blocks = ReadonlyArray<RecordedBlock>

/** The blocks from a position on, with their numbers. */
const blocksFrom = function* (
  blocks: Blocks,
  { block, keyframe }: BlockPosition
): Iterable<readonly [number, RecordedBlock]> {
  if (keyframe !== undefined) yield [block - 1, keyframe]
  for (let at = block; at < blocks.length; at++) yield [at, blocks[at]!]
}

const groupsOf = function* (game: RecordedGame, blocks: Blocks, from: BlockPosition): Iterable<Group | undefined> {
  const reader = new RecordingReader(game)
  const states = new States()
  for (const [, block] of blocksFrom(blocks, from)) {
    for (const each of unpacked(block)) {
      states.count = 0
      for (const _ of reader.pieces(each, { columns: states.add })) yield undefined
      if (states.count > 0) yield groupOf(states.all, reader.time)
    }
  }
}

/** Reads what it needs to know the end: what follows the last keyframe. Gives the end so far after each block. */
const endsOf = function* (game: RecordedGame, blocks: Blocks, positions: Positions): Iterable<Moment> {
  const reader = new RecordingReader(game)
  let step = 0
  let states = 0
  const columns = ({ generation, steps }: RecordedStates): void => {
    states += steps.length
    if (generation !== undefined) step = Math.max(step, generation)
    else for (const reached of steps) if (reached > step) step = reached
  }
  for (const [at, packed] of blocksFrom(blocks, positions.before(Number.POSITIVE_INFINITY))) {
    if (positions.keep(at, states, reader)) states = 0
    for (const block of unpacked(packed)) {
      for (const _ of reader.pieces(block, { columns })) yield { step, time: reader.time }
      yield { step, time: reader.time }
    }
  }
}

const read = (source: string, parts: ReadonlyArray<Uint8Array>) =>
  Effect.try({
    try: (): Recording => {
      // A file may have hundreds of megabytes, which are not copied.
      const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
      const splitter = new BlockSplitter()
      const [first, ...blocks] = bytes[0] === kind.game ? splitter.take(bytes) : []
      if (first === undefined) throw new RecordingDamage("it does not begin like a recording")
      const { game } = RecordingReader.of(first)
      const positions = new Positions(game, blocks)
      return {
        ...{ game, rest: splitter.rest, positions },
        groups: (from = positions.before(Number.NEGATIVE_INFINITY)) => groupsOf(game, blocks, from),
        ends: () => endsOf(game, blocks, positions)
      }
    },
    catch: (error) => damaged(source, error)
  })

export const damaged = (source: string, error: unknown): UserError =>
  UserError.of(`${source} is not a readable recording: ${messageOf(error)}; \`life record\` writes one`)

/** Loads a recording from a file or from the server at a `ws:` URL. */
export const load = Effect.fn("RecordingFile.load")(function* (source: string, trusted: Option.Option<string>) {
  if (RecordingUrl.isUrl(source)) {
    const parts = Chunk.toReadonlyArray(yield* Stream.runCollect(RecordingUrl.bytes(source, true, trusted)))
    if (parts.length > 0) return yield* read(source, parts)
    return yield* UserError.of(`${source} has no game yet: there is nothing to replay`)
  }
  yield* PemFiles.readAuthorities({ protocol: "file:" }, trusted)
  const fs = yield* FileSystem.FileSystem
  const bytes = yield* Effect.mapError(fs.readFile(source), (error) =>
    UserError.of(`${source}: ${FileProblem.describe(error, "read")}`)
  )
  return yield* read(source, [bytes])
})
