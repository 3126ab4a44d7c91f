/** What a log says to the logs of other processes, with an engine that delivers what the test says. */
import { assert, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { GuardedReader } from "../../src/Log/GuardedReader.ts"
import type { Reader } from "../../src/Log/Log.ts"
import type { EngineEntry, EngineLog, EngineReader } from "../../src/Log/LogEngine.ts"
import { frame, frameNotice, unframe } from "../../src/Log/LogFrame.ts"
import { defaults, SharedLog, type SharedLogOptions } from "../../src/Log/SharedLog.ts"
import { eventually } from "../eventually.ts"

const other = "abcdefabcdef"
const codec = {
  encode: (entry: string) => Buffer.from(entry),
  decode: (bytes: Uint8Array) => Buffer.from(bytes).toString()
}

/** A log over an engine that does what the test says, and whose other parts are the same in each test. */
const opened = Effect.fnUntraced(function* (
  engine: Pick<EngineLog, "bounds" | "place" | "publish">,
  handler: Reader<string>,
  options: Partial<SharedLogOptions>
) {
  let reader: EngineReader | undefined
  const whole: EngineLog = {
    origin: () => "origin",
    isConnected: () => true,
    keep: 1e6,
    joins: () => Promise.resolve("joins"),
    read: (_, made) => {
      reader = made
    },
    loadSnapshot: () => Promise.resolve(undefined),
    saveSnapshot: () => Promise.resolve(),
    ...engine
  }
  const guarded = yield* GuardedReader.make("log", codec, handler)
  const log = yield* Effect.acquireRelease(
    Effect.sync(() => new SharedLog("log", whole, codec, guarded, { ...defaults, ...options })),
    (log) => Effect.sync(() => log.close())
  )
  yield* Effect.promise(() => log.begin())
  return { log, entry: (entry: EngineEntry) => reader?.entry(entry) }
})

it.live(
  "a process that has the whole log names the generation that it overrules as the others know it, also if the notice of that is in the log twice",
  () =>
    Effect.gen(function* () {
      const overruled: Array<string | undefined> = []
      let position = 0
      const read: Array<string> = []
      const { entry } = yield* opened(
        {
          // Nobody reads what this process says.
          publish: (bytes) => {
            const notice = unframe(bytes)?.notice
            if (notice?.type === "saved") overruled.push(notice.overrules)
          },
          bounds: () => Promise.resolve({ first: 1, last: position }),
          place: () => ({ position, through: position, mark: "" })
        },
        { entry: (entry) => read.push(entry), snapshot: () => Buffer.from("state") },
        { patience: 10 }
      )
      const deliver = (bytes: Uint8Array) => entry({ bytes, position: ++position, size: bytes.length })
      deliver(frame(other, 0, Buffer.from("kept")))
      const lost = frameNotice(other, { type: "generation", end: position })
      deliver(lost)
      deliver(lost)
      yield* Effect.promise(() => eventually(() => assert.isAtLeast(overruled.length, 4)))
      assert.deepStrictEqual([...new Set(overruled)], [`2-${other}`])
      assert.deepStrictEqual(read, ["kept"])
      // A later loss is another generation.
      deliver(frameNotice(other, { type: "generation", end: position }))
      yield* Effect.promise(() => eventually(() => assert.strictEqual(overruled.at(-1), `4-${other}`)))
    }).pipe(Effect.scoped)
)

it.live("a process sends its entries again only if it has read the log to an end that must have them", () =>
  Effect.gen(function* () {
    const published: Array<Uint8Array> = []
    let asked = 0
    let last = 0
    const { entry, log } = yield* opened(
      {
        publish: (bytes) => published.push(bytes),
        bounds: () => {
          asked++
          return Promise.resolve({ first: 1, last })
        },
        place: () => ({ position: 0, through: 0, mark: "" })
      },
      { entry: () => {} },
      { patience: 10, poll: 10 }
    )
    // Another process has written much, and this one is slow to read it.
    last = 2
    log.unsafeAppend("mine")
    const before = asked
    yield* Effect.promise(() => eventually(() => assert.isAtLeast(asked, before + 20)))
    assert.strictEqual(published.length, 1)
    const deliver = (number: number) =>
      entry({
        bytes: frame(other, number, Buffer.from("theirs")),
        position: number + 1,
        size: 9
      })
    deliver(0)
    deliver(1)
    // It is not in the log.
    yield* Effect.promise(() => eventually(() => assert.isAtLeast(published.length, 3)))
    assert.strictEqual(log.unsafeHealth().pending, 1)
    entry({ bytes: published[1]!, position: 3, size: 9 })
    assert.strictEqual(log.unsafeHealth().pending, 0)
  }).pipe(Effect.scoped)
)

it.live(
  "a process that begins in the middle of the log sends its first entries again if a later one is there alone",
  () =>
    Effect.gen(function* () {
      const published: Array<Uint8Array> = []
      const read: Array<string> = []
      let position = 5
      const { entry, log } = yield* opened(
        {
          publish: (bytes) => published.push(bytes),
          bounds: () => Promise.resolve({ first: 6, last: position }),
          place: () => ({ position, through: position, mark: "" })
        },
        { entry: (entry) => read.push(entry) },
        {}
      )
      const deliver = (bytes: Uint8Array) => entry({ bytes, position: ++position, size: bytes.length })
      deliver(frame(other, 7, Buffer.from("theirs")))
      log.unsafeAppend("first")
      log.unsafeAppend("second")
      // The engine has lost the first one.
      deliver(published[1]!)
      assert.deepStrictEqual([read, log.unsafeHealth().pending, published.length], [["theirs"], 2, 4])
      deliver(published[2]!)
      deliver(published[3]!)
      assert.deepStrictEqual([read, log.unsafeHealth().pending], [["theirs", "first", "second"], 0])
    }).pipe(Effect.scoped)
)

it.live("a process that was frozen is behind from its first moment on until it has asked for the end of the log", () =>
  Effect.gen(function* () {
    const end = { first: 1, last: 0 }
    let answers: Array<() => void> | undefined
    const { log } = yield* opened(
      {
        publish: () => {},
        bounds: () => (answers === undefined ? Promise.resolve(end) : new Promise((r) => answers?.push(() => r(end)))),
        place: () => ({ position: 0, through: 0, mark: "" })
      },
      { entry: () => {} },
      { patience: 10, poll: 10 }
    )
    assert.strictEqual(log.unsafeHealth().behind, 0)
    answers = []
    const now = performance.now.bind(performance)
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now() + 10_000)
    try {
      assert.isAtLeast(log.unsafeHealth().behind, 10_000)
      // It has asked, and has no answer.
      yield* Effect.promise(() => eventually(() => assert.isAtLeast(answers?.length ?? 0, 1)))
      assert.isAtLeast(log.unsafeHealth().behind, 10_000)
      yield* Effect.promise(() =>
        eventually(() => {
          for (const answer of answers ?? []) answer()
          assert.strictEqual(log.unsafeHealth().behind, 0)
        })
      )
    } finally {
      clock.mockRestore()
    }
  }).pipe(Effect.scoped)
)
