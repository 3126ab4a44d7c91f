/** What a log says to the logs of other processes, with an engine that delivers what the test says. */
import { assert, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { GuardedReader } from "../../src/Log/GuardedReader.ts"
import type { Reader } from "../../src/Log/Log.ts"
import type { Break, EngineEntry, EngineLog, EngineReader } from "../../src/Log/LogEngine.ts"
import { frame, frameNotice, frameSnapshot, type SnapshotHead, unframe } from "../../src/Log/LogFrame.ts"
import { SharedLog } from "../../src/Log/SharedLog.ts"
import { defaults, type SharedLogOptions } from "../../src/Log/SharedLogOptions.ts"
import { eventually } from "../eventually.ts"

const other = "abcdefabcdef"
const codec = {
  encode: (entry: string) => Buffer.from(entry),
  decode: (bytes: Uint8Array) => Buffer.from(bytes).toString()
}

/** A log over an engine that does what the test says, and whose other parts are the same in each test. */
const opened = Effect.fnUntraced(function* (
  engine: Pick<EngineLog, "bounds" | "place" | "publish"> & Partial<EngineLog>,
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
  return {
    log,
    entry: (entry: EngineEntry) => reader?.entry(entry),
    broken: (why: Break) => reader?.broken(why)
  }
})

/** What a process says to the others. */
const noticesOf = (published: ReadonlyArray<Uint8Array>) => published.flatMap((bytes) => unframe(bytes)?.notice ?? [])

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

it.live("a process that has the whole log saves a snapshot for one that wants it, or says that it has the log", () =>
  Effect.gen(function* () {
    const published: Array<Uint8Array> = []
    const answers: Array<() => void> = []
    let position = 0
    const { entry } = yield* opened(
      {
        publish: (bytes) => published.push(bytes),
        bounds: () => Promise.resolve({ first: 1, last: position }),
        place: () => ({ position, through: position, mark: "" }),
        saveSnapshot: () => new Promise((resolve) => answers.push(resolve))
      },
      { entry: () => {}, snapshot: () => Buffer.from("state") },
      { patience: 10 }
    )
    const deliver = (bytes: Uint8Array) => entry({ bytes, position: ++position, size: bytes.length })
    const wanted = frameNotice(other, { type: "wanted" })
    deliver(wanted)
    yield* Effect.promise(() => eventually(() => assert.lengthOf(answers, 1)))
    assert.deepStrictEqual(noticesOf(published), [])
    // It may take long to save it.
    deliver(wanted)
    assert.deepStrictEqual(noticesOf(published), [{ type: "kept" }])
    answers[0]?.()
    yield* Effect.promise(() =>
      eventually(() => assert.deepInclude(noticesOf(published), { type: "saved", position: 1, generation: "origin.0" }))
    )
  }).pipe(Effect.scoped)
)

it.live(
  "a process that began the log again is not continuous, and nobody is current, until it has read its notice",
  () =>
    Effect.gen(function* () {
      const published: Array<Uint8Array> = []
      let position = 9
      let saved = 0
      let forgotten = 0
      const { broken, entry, log } = yield* opened(
        {
          publish: (bytes) => published.push(bytes),
          bounds: () => Promise.resolve({ first: 1, last: position }),
          place: () => ({ position, through: position, mark: "" }),
          saveSnapshot: () => Promise.resolve(void saved++)
        },
        {
          entry: () => {},
          forgotten: () => forgotten++,
          restore: () => {},
          snapshot: () => Buffer.from("state")
        },
        { patience: 10, poll: 10, snapshotPatience: 0 }
      )
      // Nobody has the entries that are missing in the middle.
      broken("missed")
      let isCurrent = false
      log.unsafeWhenCurrent(() => (isCurrent = true))
      const notices = () => published.filter((bytes) => unframe(bytes)?.notice?.type === "generation")
      // It says so again as long as it does not read it.
      yield* Effect.promise(() => eventually(() => assert.isAtLeast(notices().length, 3)))
      assert.deepStrictEqual([log.unsafeHealth().continuous, isCurrent, saved, forgotten], [false, false, 0, 1])
      const [bytes] = notices()
      entry({ bytes: bytes!, position: ++position, size: bytes!.length })
      // Whoever starts later would come to the same gap without a snapshot.
      yield* Effect.promise(() => eventually(() => assert.deepStrictEqual([isCurrent, saved], [true, 1])))
      assert.deepStrictEqual([log.unsafeHealth().continuous, forgotten], [true, 2])
    }).pipe(Effect.scoped)
)

const head: SnapshotHead = { origin: "origin", generations: ["0"], position: 2, through: 2, mark: "", writers: [] }

it.live("a snapshot of a log that the engine has lost since is not used", () =>
  Effect.gen(function* () {
    const restoredFrom = Effect.fnUntraced(function* (origin: string) {
      const restored: Array<string> = []
      yield* opened(
        {
          publish: () => {},
          bounds: () => Promise.resolve({ first: 1, last: 2 }),
          place: () => ({ position: 0, through: 0, mark: "" }),
          loadSnapshot: () => Promise.resolve(frameSnapshot({ ...head, origin }, Buffer.from("state")))
        },
        { entry: () => {}, restore: (state) => void restored.push(codec.decode(state)) },
        {}
      )
      return restored
    })
    assert.deepStrictEqual(yield* restoredFrom("origin"), ["state"])
    assert.deepStrictEqual(yield* restoredFrom("another"), [])
  }).pipe(Effect.scoped)
)

it.live(
  "a snapshot from before entries that are missing is not used by who came to them, but one from after them",
  () =>
    Effect.gen(function* () {
      const published: Array<Uint8Array> = []
      const restored: Array<string> = []
      let snapshot = frameSnapshot(head, Buffer.from("before"))
      const { broken, log } = yield* opened(
        {
          publish: (bytes) => published.push(bytes),
          bounds: () => Promise.resolve({ first: 1, last: 9 }),
          place: () => ({ position: 2, through: 2, mark: "" }),
          loadSnapshot: () => Promise.resolve(snapshot)
        },
        { entry: () => {}, restore: (state) => void restored.push(codec.decode(state)) },
        { patience: 10 }
      )
      broken("missed")
      yield* Effect.promise(() => eventually(() => assert.deepInclude(noticesOf(published), { type: "wanted" })))
      snapshot = frameSnapshot({ ...head, position: 4, through: 4 }, Buffer.from("after"))
      yield* Effect.promise(() => eventually(() => assert.isTrue(log.unsafeHealth().continuous)))
      assert.deepStrictEqual(restored, ["before", "after"])
    }).pipe(Effect.scoped)
)

it.live("a process whose entries are in the snapshot at which it begins again writes on after it", () =>
  Effect.gen(function* () {
    const published: Array<Uint8Array> = []
    const read: Array<string> = []
    let snapshot: Uint8Array | undefined
    const { broken, entry, log } = yield* opened(
      {
        publish: (bytes) => published.push(bytes),
        bounds: () => Promise.resolve({ first: 1, last: 2 }),
        place: () => ({ position: 2, through: 2, mark: "" }),
        loadSnapshot: () => Promise.resolve(snapshot)
      },
      { entry: (entry) => read.push(entry), restore: (state) => void read.push(codec.decode(state)) },
      {}
    )
    log.unsafeAppend("first")
    log.unsafeAppend("second")
    const writer = unframe(published[0]!)!.writer
    // Another process has read the first one.
    snapshot = frameSnapshot({ ...head, writers: [[writer, 1]] }, Buffer.from("first and more"))
    broken("missed")
    log.unsafeAppend("third")
    yield* Effect.promise(() => eventually(() => assert.isTrue(log.unsafeHealth().continuous)))
    assert.deepStrictEqual([read, log.unsafeHealth().pending], [["first and more"], 0])
    log.unsafeAppend("fourth")
    entry({ bytes: published.at(-1)!, position: 3, size: 9 })
    assert.deepStrictEqual([read, log.unsafeHealth().pending], [["first and more", "fourth"], 0])
  }).pipe(Effect.scoped)
)

it.live("a process whose log begins again without a state writes on, and what it had not read back is dropped", () =>
  Effect.gen(function* () {
    const published: Array<Uint8Array> = []
    const read: Array<string> = []
    let position = 0
    const { broken, entry, log } = yield* opened(
      {
        publish: (bytes) => published.push(bytes),
        bounds: () => Promise.resolve({ first: 1, last: position }),
        place: () => ({ position, through: position, mark: "" })
      },
      { entry: (entry) => read.push(entry) },
      {}
    )
    const deliver = (bytes: Uint8Array) => entry({ bytes, position: ++position, size: bytes.length })
    /** One entry is read back, the next one is not. */
    const write = (name: string) => {
      log.unsafeAppend(name)
      deliver(published.at(-1)!)
      log.unsafeAppend(`${name}, lost`)
    }
    write("first")
    deliver(frameNotice(other, { type: "generation", from: ["0"] }))
    write("second")
    position += 5
    broken("missed")
    yield* Effect.promise(() => eventually(() => assert.isTrue(log.unsafeHealth().continuous)))
    write("third")
    assert.deepStrictEqual([read, log.unsafeHealth().pending], [["first", "second", "third"], 1])
  }).pipe(Effect.scoped)
)

it.live("a process whose log can't be read at the first attempt, when it begins again, tries again", () =>
  Effect.gen(function* () {
    let reads = 0
    const read: Array<string> = []
    let reader: EngineReader | undefined
    const { log } = yield* opened(
      {
        publish: () => {},
        bounds: () => Promise.resolve({ first: 1, last: 0 }),
        place: () => ({ position: 0, through: 0, mark: "" }),
        read: (_, made) => {
          if (++reads === 2) throw new Error("not now")
          reader = made
        }
      },
      { entry: (entry) => read.push(entry) },
      { patience: 10 }
    )
    reader?.broken("back")
    yield* Effect.promise(() => eventually(() => assert.strictEqual(reads, 3)))
    reader?.entry({ bytes: frame(other, 0, codec.encode("on")), position: 1, size: 20 })
    assert.deepStrictEqual(read, ["on"])
    assert.strictEqual(log.unsafeHealth().failed, false)
  }).pipe(Effect.scoped)
)
