import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as EngineLogs from "../../src/Log/EngineLogs.ts"
import { current, Logs } from "../../src/Log/Log.ts"
import { frame, unframe, WRITER } from "../../src/Log/LogFrame.ts"
import { WriterSequences } from "../../src/Log/WriterSequences.ts"
import { eventually } from "../eventually.ts"
import { codec, conforms, type Line, open, settled } from "./conformance.ts"
import { type EngineProcess, FaultyEngine } from "./FaultyEngine.ts"
import { type Harm, survives } from "./harm.ts"

const patience = 30
const options = { patience, poll: patience, snapshotEvery: 2000, snapshotPatience: 100 * patience }
const layerIn = ({ engine }: EngineProcess) => Layer.sync(Logs, () => EngineLogs.make(engine, options))
const layerOf = (engine: FaultyEngine) => layerIn(engine.process())

const harmOf = (engine: FaultyEngine) =>
  Effect.sync((): Harm => {
    const [a, b] = [engine.process(), engine.process()]
    let remembered = 0
    return {
      layers: [layerIn(a), layerIn(b)],
      cut: Effect.sync(() => {
        b.isCut = true
      }),
      mend: Effect.sync(() => {
        b.isCut = false
        engine.reconnect()
      }),
      truncate: (name, rest) => Effect.sync(() => engine.truncate(name, rest)),
      loseOne: (name, after) => Effect.sync(() => engine.loseOne(name, after)),
      dropSnapshots: (name) => Effect.sync(() => engine.loseSnapshots(name)),
      remember: (name) =>
        Effect.sync(() => {
          remembered = engine.lengthOf(name)
        }),
      goBack: (name) =>
        Effect.sync(() => {
          engine.goBack(name, engine.lengthOf(name) - remembered)
          engine.reconnect()
        }),
      refuse: (isRefusing) =>
        Effect.sync(() => {
          engine.refuses = isRefusing
        }),
      refuseSnapshots: (isRefusing) =>
        Effect.sync(() => {
          engine.refusesSnapshots = isRefusing
        }),
      snapshotPatience: options.snapshotPatience
    }
  })

conforms("logs over an engine without faults", layerOf(new FaultyEngine(1, { lost: 0, repeated: 0, delay: 1 })), {
  keeps: true
})
conforms(
  "logs over an engine that loses some entries and repeats a fifth of them",
  layerOf(new FaultyEngine(2, { lost: 0.05, repeated: 0.2, delay: 3 })),
  { keeps: true }
)

survives(
  "logs over an engine in memory that drops, loses and refuses",
  harmOf(new FaultyEngine(5, { lost: 0, repeated: 0, delay: 1 }))
)
survives(
  "logs over an engine that loses some entries and repeats others, and drops, loses and refuses",
  harmOf(new FaultyEngine(6, { lost: 0.05, repeated: 0.1, delay: 3 }))
)

describe("a process that is deaf", () => {
  it.live("a process that is deaf is not ready as long as there are entries that it does not get", () => {
    const engine = new FaultyEngine(7, { lost: 0, repeated: 0, delay: 1 })
    const deaf = engine.process()
    return Effect.gen(function* () {
      const a = yield* Effect.provide(open("deaf"), layerOf(engine))
      const b = yield* Effect.provide(open("deaf"), layerIn(deaf))
      yield* current(b.log)
      deaf.isDeaf = true
      a.log.unsafeAppend({ who: "a", n: 0 })
      yield* settled([a], 1)
      yield* Effect.promise(() => eventually(() => assert.isAbove(b.log.unsafeHealth().behind, 0)))
      assert.deepStrictEqual(b.read, [])
      assert.isTrue(b.log.unsafeHealth().connected)
    }).pipe(Effect.scoped)
  })
})

describe("an engine that fails", () => {
  it.live(
    "an engine that fails and recovers loses no entry that was appended meanwhile, and no reader is current before that",
    () => {
      const engine = new FaultyEngine(3, { lost: 0.1, repeated: 0.1, delay: 2 })
      return Effect.gen(function* () {
        const [a, b] = [yield* open("away"), yield* open("away")]
        a.log.unsafeAppend({ who: "a", n: 0 })
        yield* settled([a, b], 1)
        engine.isAway = true
        for (let n = 1; n < 50; n++) a.log.unsafeAppend({ who: "a", n })
        let isCurrent = false
        b.log.unsafeWhenCurrent(() => (isCurrent = true))
        yield* Effect.sleep(3 * patience)
        yield* Effect.promise(() =>
          eventually(() => {
            assert.isFalse(a.log.unsafeHealth().connected)
            assert.strictEqual(a.log.unsafeHealth().pending, 49)
            assert.isAbove(b.log.unsafeHealth().behind, 0)
          })
        )
        assert.isFalse(isCurrent)
        engine.isAway = false
        yield* settled([a, b], 50)
        assert.deepStrictEqual(b.read, a.read)
        yield* current(b.log)
      }).pipe(Effect.scoped, Effect.provide(layerOf(engine)))
    }
  )

  it.live("an engine that fails and recovers while nothing is written leaves nobody behind", () => {
    const engine = new FaultyEngine(8, { lost: 0, repeated: 0, delay: 1 })
    return Effect.gen(function* () {
      const { log } = yield* open("quiet")
      log.unsafeAppend({ who: "a", n: 0 })
      yield* current(log)
      engine.isAway = true
      yield* Effect.promise(() => eventually(() => assert.isAbove(log.unsafeHealth().behind, 0)))
      engine.isAway = false
      yield* Effect.promise(() => eventually(() => assert.strictEqual(log.unsafeHealth().behind, 0)))
    }).pipe(Effect.scoped, Effect.provide(layerOf(engine)))
  })

  it.live("an engine that fails and loses its data: readers learn it, and continue with an empty log", () => {
    const engine = new FaultyEngine(4, { lost: 0, repeated: 0, delay: 1 })
    return Effect.gen(function* () {
      const read: Array<number> = []
      let forgotten = 0
      const logs = yield* Logs
      const log = yield* logs.open<Line>("wiped", {
        codec,
        reader: { entry: ({ n }) => void read.push(n), forgotten: () => forgotten++ }
      })
      for (let n = 0; n < 5; n++) log.unsafeAppend({ who: "a", n })
      yield* current(log)
      engine.wipe("wiped")
      yield* current(log)
      assert.strictEqual(forgotten, 1)
      log.unsafeAppend({ who: "a", n: 100 })
      while (log.unsafeHealth().pending > 0) yield* Effect.sleep(2)
      assert.deepStrictEqual(read, [0, 1, 2, 3, 4, 100])
      assert.strictEqual(log.unsafePosition(), 1)
    }).pipe(Effect.scoped, Effect.provide(layerOf(engine)))
  })
})

describe("WriterSequences", () => {
  it.prop(
    "WriterSequences takes each writer's numbers once and in order, even if some come twice or too early",
    [FastCheck.array(FastCheck.tuple(FastCheck.constantFrom("a", "b"), FastCheck.nat(6)), { maxLength: 80 })],
    ([entries]) => {
      const sequences = new WriterSequences([], false)
      const taken = entries.filter(([writer, number]) => sequences.take(writer, number))
      for (const who of ["a", "b"]) {
        const numbers = taken.filter(([writer]) => writer === who).map(([, number]) => number)
        assert.deepStrictEqual(
          numbers,
          numbers.map((_, index) => index)
        )
        assert.strictEqual(sequences.next(who), numbers.length)
      }
      // A reader that begins in the middle with the same numbers agrees about the rest.
      const half = entries.length >> 1
      const first = new WriterSequences([], false)
      for (const [writer, number] of entries.slice(0, half)) first.take(writer, number)
      const resumed = new WriterSequences(first.entries(), false)
      const rest = entries.slice(half).map(([writer, number]) => resumed.take(writer, number))
      assert.deepStrictEqual(
        rest,
        entries.slice(half).map(([writer, number]) => first.take(writer, number))
      )
    }
  )

  it("WriterSequences goes on at 0 after the last number that an entry has room for", () => {
    const last = 2 ** 32 - 1
    const sequences = new WriterSequences([["a", last]], false)
    assert.isTrue(sequences.isEarly("a", 0))
    assert.isTrue(sequences.take("a", last))
    assert.isFalse(sequences.isEarly("a", last))
    assert.isFalse(sequences.take("a", last))
    assert.strictEqual(unframe(frame("a".repeat(WRITER), last + 1, new Uint8Array()))?.number, 0)
    assert.isTrue(sequences.take("a", 0))
    assert.isTrue(sequences.take("a", 1))
  })
})
