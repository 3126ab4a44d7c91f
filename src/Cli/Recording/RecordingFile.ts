/** Reads a whole recording from a file or from a server. */
import { inflateRawSync } from "node:zlib"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { kind, type RecordedBlock } from "../../Protocol/Recording.ts"
import {
  BlockSplitter,
  RecordingDamage,
  type RecordingListener,
  RecordingReader
} from "../../Protocol/RecordingReader.ts"
import * as FileProblem from "../../Text/FileProblem.ts"
import * as PemFiles from "../PemFiles.ts"
import { UserError } from "../UserError.ts"
import * as RecordingUrl from "./RecordingUrl.ts"

export interface Recording {
  readonly game: RecordingReader["game"]
  /** The number of bytes at the end that are not a whole block. Above 0 if the recording was cut off. */
  readonly rest: number
  /** The states in order, in groups with a time. */
  readonly groups: () => Iterable<Group>
}

/** States that came within a few milliseconds. */
export interface Group {
  /** Milliseconds since the beginning of the game. */
  readonly time: number
  readonly states: ReadonlyArray<readonly [index: number, step: number, state: number]>
}

/** The most bytes of a decompressed block, so that a damaged one can't use all memory. */
const MAX_INFLATED = 1 << 30

const unpacked = function* ({ body, kind: found }: RecordedBlock): Iterable<RecordedBlock> {
  if (found !== kind.packed) return yield { body, kind: found }
  yield* new BlockSplitter().take(inflateRawSync(body, { maxOutputLength: MAX_INFLATED }))
}

const groupsOf = function* (blocks: ReadonlyArray<RecordedBlock>): Iterable<Group> {
  const [first, ...others] = blocks
  const reader = RecordingReader.of(first!)
  let states: Array<Group["states"][number]> = []
  const listener: RecordingListener = { state: (...state) => void states.push(state) }
  for (const other of others) {
    for (const block of unpacked(other)) {
      reader.read(block, listener)
      if (states.length > 0) yield { time: reader.time, states }
      states = []
    }
  }
}

const read = (source: string, parts: ReadonlyArray<Uint8Array>) =>
  Effect.try({
    try: (): Recording => {
      const bytes = Buffer.concat(parts)
      if (bytes[0] !== kind.game) throw new RecordingDamage("it does not begin like a recording")
      const splitter = new BlockSplitter()
      const blocks = splitter.take(bytes)
      const [first] = blocks
      if (first === undefined) throw new RecordingDamage("it does not begin like a recording")
      const { game } = RecordingReader.of(first)
      return { game, rest: splitter.rest, groups: () => groupsOf(blocks) }
    },
    catch: (error) => damaged(source, error)
  })

/** The error for a recording that can't be read. */
export const damaged = (source: string, error: unknown): UserError =>
  new UserError({
    message: `${source} is not a readable recording: ${error instanceof Error ? error.message : error}; \`life record\` writes one`
  })

/** Loads a recording from a file or from the server at a `ws:` URL. */
export const load = Effect.fn("RecordingFile.load")(function* (source: string, trusted: Option.Option<string>) {
  if (RecordingUrl.isUrl(source)) {
    const parts = yield* Stream.runCollect(RecordingUrl.bytes(source, true, trusted))
    const all = [...parts]
    if (all.length === 0)
      return yield* new UserError({ message: `${source} has no game yet: there is nothing to replay` })
    return yield* read(source, all)
  }
  yield* PemFiles.readAuthorities({ protocol: "file:" }, trusted)
  const fs = yield* FileSystem.FileSystem
  const bytes = yield* Effect.mapError(
    fs.readFile(source),
    (error) => new UserError({ message: `${source}: ${FileProblem.describe(error, "read")}` })
  )
  return yield* read(source, [bytes])
})
