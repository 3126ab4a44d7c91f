import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { RecordedStates } from "../../Protocol/Recording.ts"
import { kind } from "../../Protocol/Recording.ts"
import { BlockSplitter } from "../../Protocol/RecordingBlocks.ts"
import { RecordingReader } from "../../Protocol/RecordingReader.ts"
import { Reactor } from "../../WebSocket/Connection/Reactor.ts"
import * as Output from "../Output.ts"
import * as OutputFiles from "../OutputFiles.ts"
import * as ServerAddress from "../ServerAddress.ts"
import { UserError } from "../UserError.ts"
import { keyframeOf, statesBetween } from "./Positions.ts"
import { damaged, unpacked } from "./RecordingFile.ts"
import * as RecordingUrl from "./RecordingUrl.ts"
import type { RecordOptions } from "./RecordOptions.ts"

const MIB = 2 ** 20

const sizeOf = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`

const progress = Effect.fn("life.record.progress")(function* (bytes: () => number, began: number) {
  const { notes } = yield* Output.Output
  if (!notes.isRedrawable) return yield* Effect.never
  const show = Effect.map(Clock.currentTimeMillis, (now) =>
    notes.unsafeWrite(`\r\x1b[KRecording: ${sizeOf(bytes())} in ${Math.round((now - began) / 1000)} s (Ctrl-C ends it)`)
  )
  return yield* Effect.zipRight(show, Effect.sleep("1 second")).pipe(
    Effect.forever,
    Effect.ensuring(Effect.sync(() => notes.unsafeWrite("\r\x1b[K")))
  )
})

/**
 * Reads what is written, and makes keyframes, which a server sends only of what it has compressed. With them the end of the file tells how
 * long the recording is, and a reader can begin in the middle.
 */
export class Keyframes {
  readonly #splitter = new BlockSplitter()
  #reader: RecordingReader | undefined
  /** Since the last keyframe. */
  #states = 0

  /** The keyframe to write after a part of the recording, if one is due. Throws `RecordingDamage`. */
  after(part: Uint8Array): Uint8Array | undefined {
    for (const block of this.#splitter.take(part)) {
      const reader = this.#reader ?? RecordingReader.of(block)
      this.#reader = reader
      if (block.kind === kind.keyframe || block.kind === kind.packed) this.#states = 0
      const columns = ({ cells }: RecordedStates): void => {
        this.#states += cells.length
      }
      for (const each of unpacked(block)) reader.read(each, { columns })
    }
    if (this.#reader === undefined || this.#splitter.rest > 0) return undefined
    const { game } = this.#reader
    if (this.#states < statesBetween(game)) return undefined
    this.#states = 0
    return keyframeOf(this.#reader)
  }
}

/** Writes each part of the recording when it comes. So the file can be read even if the program is killed. */
export const run = Effect.fn("life.record")(
  function* ({ ca, file, quiet, untilNow, url }: RecordOptions) {
    if (file === OutputFiles.STANDARD_OUTPUT) {
      return yield* UserError.of("a recording is binary data: give a file instead of standard output")
    }
    yield* ServerAddress.parse(url)
    const began = yield* Clock.currentTimeMillis
    const target = yield* OutputFiles.reserve("life record", file)
    let size = 0
    const keyframes = new Keyframes()
    const add = (part: Uint8Array) =>
      Effect.tap(target.add(part), () => {
        size += part.length
      })
    const write = Effect.fnUntraced(function* (part: Uint8Array) {
      // The old content of the file stays until there is something to write.
      if (size === 0) yield* target.clear
      yield* add(part)
      const keyframe = yield* Effect.try({
        try: () => keyframes.after(part),
        catch: (error) => damaged(url, error)
      })
      if (keyframe !== undefined) yield* add(keyframe)
    })
    const writing = Stream.runForEach(RecordingUrl.bytes(url, untilNow, ca), write)
    const summary = Effect.suspend(() =>
      quiet || size === 0 ? Effect.void : Output.note(`Recorded ${sizeOf(size)} in ${file}`)
    )
    const shown = quiet ? Effect.never : progress(() => size, began)
    yield* Effect.raceFirst(writing, shown).pipe(Effect.ensuring(summary))
    if (size === 0) return yield* UserError.of(`${url} has no game yet: nothing was recorded`)
  },
  Effect.scoped,
  Effect.provide(Reactor.layer())
)
