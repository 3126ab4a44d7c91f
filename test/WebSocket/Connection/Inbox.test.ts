import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Inbox } from "../../../src/WebSocket/Connection/Inbox.ts"

const turn = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** The sizes of the next chunks until `total` items have come, and the items. */
const collect = <A>(inbox: Inbox<A>, total: number) => {
  let count = 0
  return inbox.stream.pipe(
    Stream.chunks,
    Stream.takeUntil((chunk) => {
      count += chunk.length
      return count >= total
    }),
    Stream.runCollect,
    Effect.map((chunks) => ({
      sizes: Chunk.toReadonlyArray(Chunk.map(chunks, (chunk) => chunk.length)),
      items: Chunk.toReadonlyArray(Chunk.flatten(chunks))
    }))
  )
}

describe("Inbox", () => {
  it.live("Inbox makes one chunk of the messages of a turn, in order", () =>
    Effect.gen(function* () {
      const inbox = new Inbox<number>(1000)
      const fiber = yield* Effect.fork(collect(inbox, 5))
      yield* turn
      for (const item of [1, 2, 3]) inbox.push(item)
      yield* turn
      yield* turn
      for (const item of [4, 5]) inbox.push(item)
      assert.deepStrictEqual(yield* fiber, { sizes: [3, 2], items: [1, 2, 3, 4, 5] })
    })
  )

  it.live("Inbox hands a full batch over before the turn ends", () =>
    Effect.gen(function* () {
      const inbox = new Inbox<number>(4)
      const got: Array<number> = []
      yield* Effect.fork(Stream.runForEachChunk(inbox.stream, (chunk) => Effect.sync(() => got.push(...chunk))))
      yield* turn
      for (const item of [1, 2, 3, 4]) inbox.push(item)
      yield* Effect.promise(() => Promise.resolve())
      yield* Effect.yieldNow()
      assert.deepStrictEqual(got, [1, 2, 3, 4])
    })
  )

  it.live(
    "Inbox keeps messages while the consumer is busy for several turns, and delivers them without another message",
    () =>
      Effect.gen(function* () {
        const inbox = new Inbox<number>(1000)
        const busy = yield* Deferred.make<void>()
        const got: Array<number> = []
        const done = yield* Deferred.make<void>()
        yield* Effect.fork(
          Stream.runForEachChunk(inbox.stream, (chunk) =>
            Effect.gen(function* () {
              got.push(...chunk)
              if (got.length === 2) yield* Deferred.succeed(done, undefined)
              yield* Deferred.await(busy)
            })
          )
        )
        inbox.push(1)
        yield* turn
        yield* turn
        inbox.push(2)
        yield* turn
        yield* turn
        assert.deepStrictEqual(got, [1])
        yield* Deferred.succeed(busy, undefined)
        yield* Deferred.await(done)
        assert.deepStrictEqual(got, [1, 2])
      })
  )
})
