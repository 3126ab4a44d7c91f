/**
 * What logs do when the engine drops, loses or refuses what it had. Tested with each engine. A reader is honest if it
 * says that it is up to date only when it has all entries.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { current, type Logs } from "../../src/Log/Log.ts"
import type { LogError } from "../../src/Log/LogError.ts"
import { stateLimit } from "../limits.ts"
import { type Opened, open, settled } from "./conformance.ts"

/** Two processes with logs of one engine, and what can be done to that engine. */
export interface Harm {
  readonly layers: readonly [a: Layer.Layer<Logs, LogError>, b: Layer.Layer<Logs, LogError>]
  /** Cuts the second process off from the engine until `mend`. */
  readonly cut: Effect.Effect<void>
  readonly mend: Effect.Effect<void>
  /** Drops the oldest entries of a log, all but `rest`. */
  readonly truncate: (name: string, rest: number) => Effect.Effect<void>
  /** Loses an entry in the middle of a log: the last one but `after`. */
  readonly loseOne: (name: string, after: number) => Effect.Effect<void>
  readonly dropSnapshots: (name: string) => Effect.Effect<void>
  /** Remembers what the engine has. `goBack` makes it have that again, and all processes connect to it again. */
  readonly remember: (name: string) => Effect.Effect<void>
  readonly goBack: (name: string) => Effect.Effect<void>
  readonly refuse: (isRefusing: boolean) => Effect.Effect<void>
  readonly refuseSnapshots: (isRefusing: boolean) => Effect.Effect<void>
  /** Milliseconds for which a reader waits for the snapshot of another process. */
  readonly snapshotPatience: number
}

const write = ({ log }: Opened, who: string, from: number, to: number) => {
  for (let n = from; n < to; n++) log.unsafeAppend({ who, n })
}

/** Whether the reader says that it has everything. */
const isReady = ({ log }: Opened): boolean => {
  const { behind, connected, continuous } = log.unsafeHealth()
  return connected && continuous && behind === 0
}

/** Waits for a state. Polls the readers, whose states change by themselves. */
export const until = (what: string, isSo: () => boolean) =>
  Effect.suspend(() => (isSo() ? Effect.void : Effect.fail("not yet"))).pipe(
    Effect.retry(Schedule.spaced(5)),
    Effect.timeoutFail({ duration: stateLimit(), onTimeout: () => what }),
    Effect.orDie
  )

/** Opens a log in a process, which lives as long as the scope. */
export const openIn = (process: Layer.Layer<Logs, LogError>, name: string, keepsSnapshots: boolean, key?: string) =>
  Effect.flatMap(Layer.build(process), (context) => Effect.provide(open(name, keepsSnapshots, key), context))

let names = 0
const newName = () => `harm-${process.pid}-${names++}`

/** A process with the whole log, cut off from another one, which took the beginning for lost and began anew. */
const takenForLost = Effect.fnUntraced(function* (harm: Harm) {
  const name = newName()
  const [one, two] = harm.layers
  const frozen = yield* openIn(two, name, true)
  write(frozen, "a", 0, 50)
  yield* settled([frozen], 50)
  const before = frozen.log.unsafeGeneration()
  yield* harm.cut
  yield* harm.truncate(name, 5)
  yield* harm.dropSnapshots(name)
  const other = yield* openIn(one, name, true)
  yield* until("the other begins anew", () => isReady(other) && other.log.unsafeGeneration() !== before)
  write(other, "new", 0, 3)
  yield* settled([other], 3)
  return { before, frozen, name, one, other }
})

export const survives = (title: string, make: Effect.Effect<Harm, never, Scope.Scope>) =>
  describe(title, () => {
    /** Opens a log with snapshots in both processes. */
    const both = <A>(
      use: (a: Opened, b: Opened, harm: Harm, name: string) => Effect.Effect<A, LogError, Scope.Scope>,
      keepsSnapshots = true
    ) =>
      Effect.scoped(
        Effect.gen(function* () {
          const harm = yield* make
          const name = newName()
          const a = yield* openIn(harm.layers[0], name, keepsSnapshots)
          const b = yield* openIn(harm.layers[1], name, keepsSnapshots)
          return yield* use(a, b, harm, name)
        })
      )

    /** A process writes the first entries of a log and ends. */
    const writtenBy = (process: Layer.Layer<Logs, LogError>, name: string, count: number) =>
      Effect.scoped(
        Effect.gen(function* () {
          const first = yield* openIn(process, name, true)
          write(first, "a", 0, count)
          yield* settled([first], count)
        })
      )

    /** Cuts the second process off, while the first writes on. */
    const cutOff = (a: Opened, b: Opened, harm: Harm) =>
      Effect.gen(function* () {
        write(a, "a", 0, 100)
        yield* settled([a, b], 100)
        yield* harm.cut
        write(a, "a", 100, 700)
        yield* settled([a], 700)
        yield* current(a.log)
      })

    /** Both get what each writes from now on. */
    const goOn = (a: Opened, b: Opened) =>
      Effect.gen(function* () {
        write(a, "on", 0, 5)
        write(b, "too", 0, 5)
        const got = ({ read }: Opened) => read.filter((line) => /^(on|too)/.test(line))
        yield* until("both continue", () => got(a).length === 10 && got(b).length === 10)
        assert.deepStrictEqual(got(a), got(b))
        yield* until("both are ready", () => isReady(a) && isReady(b))
      })

    it.live("a reader that missed entries begins again at a snapshot", () =>
      both((a, b, harm, name) =>
        Effect.gen(function* () {
          yield* cutOff(a, b, harm)
          // Whether these are in the log is not known.
          write(b, "away", 0, 3)
          yield* harm.truncate(name, 20)
          yield* harm.mend
          yield* until("b has what a has", () => b.read.length === a.read.length && isReady(b))
          assert.deepStrictEqual(b.read, a.read)
          assert.isAbove(b.restored.length, 0)
          yield* goOn(a, b)
          assert.strictEqual(a.log.unsafeGeneration(), b.log.unsafeGeneration())
        })
      )
    )

    it.live("a reader that makes no snapshots is told to forget, and reads what is kept", () =>
      both(
        (a, b, harm, name) =>
          Effect.gen(function* () {
            yield* cutOff(a, b, harm)
            yield* harm.truncate(name, 20)
            yield* harm.mend
            yield* until("b has the end", () => b.read.at(-1) === "a699" && isReady(b))
            assert.strictEqual(b.forgotten.length, 1)
            assert.isBelow(b.read.length, 40)
            assert.deepStrictEqual(b.read, a.read.slice(-b.read.length))
            yield* goOn(a, b)
          }),
        false
      )
    )

    it.live("a reader for which there is no snapshot gets one from another process", () =>
      both((a, b, harm, name) =>
        Effect.gen(function* () {
          yield* cutOff(a, b, harm)
          yield* harm.truncate(name, 5)
          yield* harm.dropSnapshots(name)
          yield* harm.mend
          yield* until("b has what a has", () => b.read.length === a.read.length && isReady(b))
          assert.deepStrictEqual(b.read, a.read)
          assert.deepStrictEqual(a.forgotten, [])
          yield* goOn(a, b)
        })
      )
    )

    it.live("a reader that begins behind the head gets a snapshot that readers made when the head passed theirs", () =>
      both((a, b, harm, name) =>
        Effect.gen(function* () {
          write(a, "a", 0, 50)
          yield* settled([a, b], 50)
          yield* Effect.all([current(a.log), current(b.log)])
          yield* harm.truncate(name, 0)
          const late = yield* openIn(harm.layers[1], name, true)
          yield* current(late.log)
          assert.deepStrictEqual(late.read, a.read)
          assert.isTrue(isReady(late))
          yield* goOn(a, late)
        })
      )
    )

    it.live("a reader that comes to a hole in the log gets a snapshot from another process", () =>
      both((a, b, harm, name) =>
        Effect.gen(function* () {
          write(a, "a", 0, 20)
          yield* settled([a, b], 20)
          yield* harm.dropSnapshots(name)
          yield* harm.loseOne(name, 5)
          const late = yield* openIn(harm.layers[1], name, true)
          yield* until("it has what the others have", () => late.read.length === 20 && isReady(late))
          assert.deepStrictEqual([late.read, a.forgotten, b.forgotten], [a.read, [], []])
          yield* goOn(a, late)
        })
      )
    )

    it.live("a log with a hole begins again after it, once, if nobody has its entries", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const harm = yield* make
          const name = newName()
          const [one, two] = harm.layers
          yield* writtenBy(one, name, 20)
          yield* harm.dropSnapshots(name)
          yield* harm.loseOne(name, 5)
          const read = yield* Effect.scoped(
            Effect.gen(function* () {
              const a = yield* openIn(one, name, true)
              yield* until("it begins again", () => a.forgotten.length > 0 && isReady(a))
              const b = yield* openIn(two, name, true)
              yield* until(
                "both begin again",
                () => a.log.unsafeGeneration() === b.log.unsafeGeneration() && isReady(b)
              )
              yield* goOn(a, b)
              assert.deepStrictEqual(b.read, a.read)
              return a.read
            })
          )
          const late = yield* openIn(one, name, true)
          yield* current(late.log)
          assert.deepStrictEqual([late.read, late.forgotten], [read, []])
        })
      )
    )

    it.live("a reader that makes no snapshots reads on after a hole in the log", () =>
      both(
        (a, b, harm, name) =>
          Effect.gen(function* () {
            write(a, "a", 0, 20)
            yield* settled([a, b], 20)
            yield* harm.loseOne(name, 5)
            const late = yield* openIn(harm.layers[1], name, false)
            yield* until("it begins again", () => late.forgotten.length > 0 && isReady(late))
            // Of a writer that it does not know yet, it takes the first entry that comes for the first one.
            write(a, "known", 0, 1)
            yield* until("it knows the writer", () => late.read.includes("known0"))
            yield* goOn(a, late)
          }),
        false
      )
    )

    it.live("a quiet key keeps its state when the entries of another key push its own out of the log", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const harm = yield* make
          const name = newName()
          const [one, two] = harm.layers
          const quiet = yield* openIn(one, name, true, "quiet")
          const busy = yield* openIn(one, name, true, "busy")
          write(quiet, "q", 0, 10)
          write(busy, "b", 0, 200)
          yield* settled([quiet], 10)
          yield* settled([busy], 200)
          yield* harm.truncate(name, 3)
          const late = yield* openIn(two, name, true, "quiet")
          yield* until("it has the state of the quiet key", () => late.read.length >= 10 && isReady(late))
          assert.deepStrictEqual(late.read, quiet.read)
          assert.deepStrictEqual(quiet.forgotten, [])
          yield* goOn(quiet, late)
          assert.deepStrictEqual(busy.forgotten, [])
        })
      )
    )

    it.live(
      "a quiet key whose entries are dropped while a reader is away is not missed, if it had read to the end",
      () =>
        Effect.scoped(
          Effect.gen(function* () {
            const harm = yield* make
            const name = newName()
            const [one, two] = harm.layers
            const [a, b] = [yield* openIn(one, name, false, "quiet"), yield* openIn(two, name, false, "quiet")]
            const busy = yield* openIn(one, name, false, "busy")
            write(a, "q", 0, 5)
            yield* settled([a, b], 5)
            write(busy, "b", 0, 20)
            yield* settled([busy], 20)
            // Both, since an engine in memory says "missed" to who has not come as far as what is dropped.
            for (const { log } of [a, b]) yield* current(log)
            yield* harm.cut
            yield* harm.truncate(name, 3)
            yield* harm.mend
            yield* goOn(a, b)
            assert.deepStrictEqual([b.forgotten, b.read], [[], a.read])
          })
        )
    )

    it.live("if nobody has the beginning, the log begins again, in the same generation for all", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const harm = yield* make
          const name = newName()
          const [one, two] = harm.layers
          yield* writtenBy(one, name, 50)
          yield* harm.truncate(name, 10)
          yield* harm.dropSnapshots(name)
          const [a, b] = yield* Effect.all([openIn(one, name, true), openIn(two, name, true)], { concurrency: 2 })
          yield* until("both are ready", () => isReady(a) && isReady(b))
          yield* until("they agree", () => a.log.unsafeGeneration() === b.log.unsafeGeneration())
          yield* goOn(a, b)
          const late = yield* openIn(two, name, true)
          yield* current(late.log)
          assert.strictEqual(late.log.unsafeGeneration(), a.log.unsafeGeneration())
          assert.deepStrictEqual(late.read, a.read)
        })
      )
    )

    it.live(
      "a process that was silent while another took the beginning for lost keeps the state, and gives it to the other",
      () =>
        Effect.scoped(
          Effect.gen(function* () {
            const harm = yield* make
            const { before, frozen, name, one, other } = yield* takenForLost(harm)
            assert.deepStrictEqual(other.read, ["new0", "new1", "new2"])
            yield* harm.mend
            yield* until("both have all", () => [frozen, other].every(({ read }) => read.length === 53))
            assert.deepStrictEqual(frozen.read, other.read)
            assert.deepStrictEqual(frozen.forgotten, [])
            yield* until("they agree", () => other.log.unsafeGeneration() === before)
            yield* goOn(frozen, other)
            const late = yield* openIn(one, name, true)
            yield* current(late.log)
            assert.deepStrictEqual([late.read, late.log.unsafeGeneration()], [frozen.read, before])
          })
        )
    )

    it.live("a process that has the whole log says so again if its notice is lost", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const harm = yield* make
          const { frozen, other } = yield* takenForLost(harm)
          yield* harm.refuse(true)
          yield* harm.mend
          yield* until("the first has all", () => frozen.read.length === 53)
          yield* harm.refuse(false)
          yield* until("both have all", () => other.read.length === 53)
          assert.deepStrictEqual(frozen.read, other.read)
          yield* goOn(frozen, other)
        })
      )
    )

    it.live("a log that goes back begins again for all, and for those that start later", () =>
      both((a, b, harm, name) =>
        Effect.gen(function* () {
          write(a, "a", 0, 100)
          yield* settled([a, b], 100)
          yield* harm.remember(name)
          // The newest snapshot is of what is lost.
          write(a, "a", 100, 700)
          yield* settled([a, b], 700)
          const before = a.log.unsafeGeneration()
          yield* harm.goBack(name)
          yield* until("both begin again", () => [a, b].every(({ log }) => log.unsafeGeneration() !== before))
          yield* until("both are ready", () => isReady(a) && isReady(b))
          assert.deepStrictEqual([a.read, b.read], [[], []])
          assert.strictEqual(a.log.unsafeGeneration(), b.log.unsafeGeneration())
          yield* goOn(a, b)
          const late = yield* openIn(harm.layers[1], name, true)
          yield* current(late.log)
          assert.deepStrictEqual(late.read, a.read)
          assert.strictEqual(late.log.unsafeGeneration(), a.log.unsafeGeneration())
        })
      )
    )

    it.live("a log that goes back and grows past the old end is noticed by a reader that was away", () =>
      both((a, b, harm, name) =>
        Effect.gen(function* () {
          write(a, "a", 0, 50)
          yield* settled([a, b], 50)
          yield* harm.remember(name)
          write(a, "a", 50, 100)
          yield* settled([a, b], 100)
          yield* harm.cut
          yield* harm.goBack(name)
          yield* until("a begins again", () => a.read.length === 0 && isReady(a))
          write(a, "new", 0, 200)
          yield* settled([a], 200)
          yield* harm.mend
          yield* until("b has what a has", () => b.read.length === a.read.length && isReady(b))
          assert.deepStrictEqual(b.read, a.read)
          assert.strictEqual(a.log.unsafeGeneration(), b.log.unsafeGeneration())
          yield* goOn(a, b)
        })
      )
    )

    /** A busy key that loses entries, while one process of a quiet key is away, which then has entries at their positions. */
    const quietKey = (isDropped: boolean) =>
      Effect.scoped(
        Effect.gen(function* () {
          const harm = yield* make
          const name = newName()
          const [one, two] = harm.layers
          const busy = yield* openIn(one, name, true, "busy")
          // What they say of snapshots would be entries of the key that are kept.
          const keepsSnapshots = !isDropped
          const [a, b] = [
            yield* openIn(one, name, keepsSnapshots, "quiet"),
            yield* openIn(two, name, keepsSnapshots, "quiet")
          ]
          write(a, "a", 0, 5)
          yield* settled([a, b], 5)
          write(busy, "b", 0, 20)
          yield* settled([busy], 20)
          if (isDropped) yield* harm.truncate(name, 3)
          yield* Effect.all([current(a.log), current(b.log)])
          yield* harm.remember(name)
          write(busy, "b", 20, 120)
          yield* settled([busy], 120)
          // They have read the log up to what will be lost.
          yield* Effect.all([current(a.log), current(b.log)])
          yield* harm.cut
          yield* harm.goBack(name)
          yield* until("the busy key begins again", () => busy.forgotten.length > 0 && isReady(busy))
          yield* until("the quiet one is ready", () => a.forgotten.length > 0 === isDropped && isReady(a))
          write(a, "new", 0, 5)
          yield* until("it has what was written", () => a.read.includes("new4"))
          write(busy, "b", 0, 200)
          yield* settled([busy], 200)
          yield* harm.mend
          yield* until("b has what a has", () => b.read.join() === a.read.join() && isReady(b))
          assert.strictEqual(a.log.unsafeGeneration(), b.log.unsafeGeneration())
          yield* goOn(a, b)
        })
      )

    it.live("a log that goes back loses nothing of a key whose newest entry it still has", () => quietKey(false))

    it.live("a log that goes back and grows past the old end is noticed by a reader of a quiet key that was away", () =>
      quietKey(true)
    )

    it.live("a reader that wants a snapshot is not ready as long as those who have the log can't save one", () =>
      both((a, b, harm, name) =>
        Effect.gen(function* () {
          yield* cutOff(a, b, harm)
          yield* harm.refuseSnapshots(true)
          yield* harm.truncate(name, 5)
          yield* harm.dropSnapshots(name)
          yield* harm.mend
          const waits = () => b.log.unsafeHealth().behind > harm.snapshotPatience * 1.5
          yield* until("b has waited for long", () => waits() || b.forgotten.length > 0)
          assert.deepStrictEqual([b.forgotten, b.log.unsafeHealth().continuous], [[], false])
          yield* harm.refuseSnapshots(false)
          yield* until("b has what a has", () => b.read.length === a.read.length && isReady(b))
          assert.deepStrictEqual([b.read, a.forgotten], [a.read, []])
          yield* goOn(a, b)
        })
      )
    )

    it.live("a process that took the beginning for lost is not ready once it hears of one that has it", () =>
      Effect.scoped(
        Effect.gen(function* () {
          const harm = yield* make
          const { before, frozen, other } = yield* takenForLost(harm)
          yield* harm.refuseSnapshots(true)
          yield* harm.mend
          yield* until("the other waits", () => !other.log.unsafeHealth().continuous)
          yield* harm.refuseSnapshots(false)
          yield* until("both have all", () => [frozen, other].every(({ read }) => read.length === 53))
          assert.deepStrictEqual(frozen.read, other.read)
          yield* until("they agree", () => other.log.unsafeGeneration() === before)
          yield* goOn(frozen, other)
        })
      )
    )

    it.live("entries that the engine refuses are late, which health reports, and are not lost", () =>
      both((a, b, harm) =>
        Effect.gen(function* () {
          write(a, "a", 0, 10)
          yield* settled([a, b], 10)
          yield* harm.refuse(true)
          write(a, "a", 10, 20)
          yield* until("health reports it", () => a.log.unsafeHealth().behind > 0)
          assert.lengthOf(b.read, 10)
          yield* harm.refuse(false)
          yield* settled([a, b], 20)
          assert.deepStrictEqual(b.read, a.read)
          yield* goOn(a, b)
        })
      )
    )
  })
