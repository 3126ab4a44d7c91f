/**
 * The files of a recording, one for each connection. Each step is written when it happens, so nothing is lost if the
 * program dies.
 */
import { basename, extname } from "node:path"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Count from "../../../Text/Count.ts"
import type { Close } from "../../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../../WebSocket/Frames/Message.ts"
import * as Output from "../../Output.ts"
import * as OutputFiles from "../../OutputFiles.ts"
import { head, type RecordedHandshake, Recording, type Side } from "./Recording.ts"

/** `chat.yaml` for the first connection, `chat-2.yaml` for the second. */
const placeOf = (output: string, number: number): string => {
  const extension = extname(output)
  return number === 1 ? output : `${output.slice(0, output.length - extension.length)}-${number}${extension}`
}

const now = Effect.map(Clock.currentTimeNanos, (nanoseconds) => Number(nanoseconds / 1000n) / 1000)

export const make = Effect.fn("Recorder.make")(function* (output: string) {
  // The file is opened before a client connects, so that an error comes before anything is lost.
  const first = yield* OutputFiles.appendTo("--output", output)
  const ends: Array<Deferred.Deferred<void>> = []
  /** Begins a recording, which ends when the scope closes. */
  const open = Effect.fn("Recorder.open")(function* (opening: Omit<RecordedHandshake, "name">) {
    const ended = yield* Effect.acquireRelease(Deferred.make<void>(), (one) => Deferred.succeed(one, undefined))
    const number = ends.push(ended)
    const place = placeOf(output, number)
    const file = number === 1 ? first : yield* OutputFiles.appendTo("--output", place)
    yield* file.write(head({ ...opening, name: basename(place, extname(place)) }))
    yield* Output.note(`connection ${number}: ${place}`)
    const recording = new Recording(yield* now)
    yield* Effect.addFinalizer(() =>
      Output.note(`connection ${number}: ended after ${Count.format(recording.steps)} steps`)
    )
    const mutex = yield* Effect.makeSemaphore(1)
    const add = (text: (now: number) => string) =>
      Effect.flatMap(now, (time) => {
        const added = text(time)
        return added === "" ? Effect.void : file.write(added)
      }).pipe(mutex.withPermits(1))
    return {
      message: (by: Side, message: Message) => add((time) => recording.message(by, message, time)),
      end: (by: Side, close: Close) => add((time) => recording.end(by, close, time))
    }
  })
  const allOver = Effect.suspend(() => Effect.forEach(ends, Deferred.await, { discard: true }))
  return { open, allOver, unsafeConnections: () => ends.length }
})

export type Recorder = Effect.Effect.Success<ReturnType<typeof make>>
