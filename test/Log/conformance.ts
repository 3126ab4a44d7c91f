/** The promises of every log, tested with each kind. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { type Codec, current, type Log, Logs } from "../../src/Log/Log.ts"
import type { LogError } from "../../src/Log/LogError.ts"
import { stateLimit } from "../limits.ts"

export interface Line {
  readonly who: string
  readonly n: number
}

export const codec: Codec<Line> = {
  encode: (line) => new TextEncoder().encode(JSON.stringify(line)),
  decode: (bytes) => {
    try {
      return JSON.parse(new TextDecoder().decode(bytes))
    } catch {
      return undefined
    }
  }
}

export interface Opened {
  readonly log: Log<Line>
  readonly read: Array<string>
  readonly positions: Array<number>
  /** The lines that were restored. */
  readonly restored: Array<string>
  /** The lines that it had when it was told to forget them. */
  readonly forgotten: Array<ReadonlyArray<string>>
}

/** A reader that keeps everything that it gets. */
export const open = (
  name: string,
  keepsSnapshots = false,
  key?: string
): Effect.Effect<Opened, LogError, Logs | Scope.Scope> =>
  Effect.gen(function* () {
    const read: Array<string> = []
    const positions: Array<number> = []
    const restored: Array<string> = []
    const forgotten: Array<ReadonlyArray<string>> = []
    const log = yield* Effect.flatMap(Logs, (logs) =>
      logs.open(name, {
        codec,
        ...(key === undefined ? {} : { key }),
        reader: {
          entry: ({ who, n }, position) => {
            read.push(`${who}${n}`)
            positions.push(position)
          },
          forgotten: () => {
            forgotten.push(read.splice(0))
            positions.length = 0
          },
          ...(keepsSnapshots
            ? {
                snapshot: () => new TextEncoder().encode(JSON.stringify(read)),
                restore: (bytes: Uint8Array) => {
                  const known: ReadonlyArray<string> = JSON.parse(new TextDecoder().decode(bytes))
                  restored.push(...known)
                  read.splice(0, read.length, ...known)
                }
              }
            : {})
        }
      })
    )
    return { log, read, positions, restored, forgotten }
  })

let names = 0
const newName = () => `conformance-${process.pid}-${names++}`

/** Each time `shared` is built, it is another process's logs of the same engine. */
export const conforms = <E>(title: string, shared: Layer.Layer<Logs, E>, options: { readonly keeps: boolean }) =>
  describe(title, () => {
    const run = <A>(use: Effect.Effect<A, LogError, Logs | Scope.Scope>) => Effect.provide(Effect.scoped(use), shared)

    it.live("delivers all entries to all readers once, in one order, which keeps each writer's order", () =>
      run(
        Effect.gen(function* () {
          const name = newName()
          const [a, b] = [yield* open(name), yield* open(name)]
          for (let n = 0; n < 300; n++) {
            a.log.unsafeAppend({ who: "a", n })
            if (n % 3 === 0) b.log.unsafeAppend({ who: "b", n: n / 3 })
            if (n % 50 === 0) yield* Effect.sleep(1)
          }
          yield* settled([a, b], 400)
          assert.deepStrictEqual(a.read, b.read)
          assert.lengthOf(new Set(a.read), 400)
          assert.lengthOf(a.read, 400)
          for (const [who, count] of [
            ["a", 300],
            ["b", 100]
          ] as const)
            assert.deepStrictEqual(
              a.read.filter((line) => line.startsWith(who)),
              Array.from({ length: count }, (_, n) => `${who}${n}`)
            )
          for (let i = 1; i < a.positions.length; i++) assert.isAbove(a.positions[i]!, a.positions[i - 1]!)
          assert.deepStrictEqual(a.positions, b.positions)
          assert.strictEqual(a.log.unsafeHealth().pending, 0)
        })
      )
    )

    it.live("is current when everything in the log has been read, and not before", () =>
      run(
        Effect.gen(function* () {
          const name = newName()
          const [a, b] = [yield* open(name), yield* open(name)]
          for (let n = 0; n < 100; n++) a.log.unsafeAppend({ who: "a", n })
          yield* settled([a], 100)
          yield* current(b.log)
          assert.lengthOf(b.read, 100)
        })
      )
    )

    it.live("keeps logs with different names apart", () =>
      run(
        Effect.gen(function* () {
          const [a, b] = [yield* open(newName()), yield* open(newName())]
          a.log.unsafeAppend({ who: "a", n: 1 })
          b.log.unsafeAppend({ who: "b", n: 1 })
          yield* settled([a, b], 1)
          assert.deepStrictEqual([a.read, b.read], [["a1"], ["b1"]])
        })
      )
    )

    it.live("delivers nothing more to a reader that throws, logs that, and delivers everything to the others", () =>
      run(
        Effect.gen(function* () {
          const name = newName()
          const logs = yield* Logs
          const taken: Array<number> = []
          const lines: Array<unknown> = []
          let failed = 0
          const logger = Logger.make(({ logLevel, message }) => void lines.push([logLevel.label, message]))
          const throwing = yield* logs
            .open<Line>(name, {
              codec,
              reader: {
                entry: ({ n }) => {
                  taken.push(n)
                  if (n === 1) throw new Error("it can't be folded")
                },
                failed: () => void failed++
              }
            })
            .pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
          const [other, apart] = [yield* open(name), yield* open(newName())]
          for (let n = 0; n < 4; n++) other.log.unsafeAppend({ who: "a", n })
          apart.log.unsafeAppend({ who: "b", n: 0 })
          yield* settled([other], 4)
          yield* settled([apart], 1)
          yield* current(throwing)
          assert.deepStrictEqual([taken, failed, throwing.unsafeHealth().connected], [[0, 1], 1, false])
          assert.deepStrictEqual(lines, [
            ["ERROR", [`A reader of the log ${name} failed and gets no more entries`, new Error("it can't be folded")]]
          ])
          assert.isTrue(other.log.unsafeHealth().connected)
        })
      )
    )

    it.live("delivers nothing to a reader whose scope has ended", () =>
      run(
        Effect.gen(function* () {
          const name = newName()
          const stays = yield* open(name)
          const leaves = yield* Effect.scoped(open(name))
          stays.log.unsafeAppend({ who: "a", n: 1 })
          yield* settled([stays], 1)
          assert.deepStrictEqual(leaves.read, [])
        })
      )
    )

    it.live(
      "keeps the entries of keys apart, at positions of the one log, in the same order for all readers of a key",
      () =>
        run(
          Effect.gen(function* () {
            const name = newName()
            // As they may be in a subject, a pattern of subjects and a path.
            const keys = ["room.1", "room.*", "> / ü"]
            const byKey = yield* Effect.forEach(keys, (key) =>
              Effect.all([open(name, false, key), open(name, false, key)])
            )
            const plain = yield* open(name)
            for (let n = 0; n < 40; n++) {
              for (const [index, [one, other]] of byKey.entries())
                (n % 2 === 0 ? one : other).log.unsafeAppend({ who: `${index}${n % 2}-`, n })
              plain.log.unsafeAppend({ who: "plain", n })
            }
            for (const pair of byKey) yield* settled(pair, 40)
            yield* settled([plain], 40)
            for (const [index, [one, other]] of byKey.entries()) {
              assert.isTrue(one.read.every((line) => line.startsWith(String(index))))
              assert.deepStrictEqual([one.read, one.positions], [other.read, other.positions])
              assert.lengthOf(new Set(one.read), 40)
            }
            assert.isTrue(plain.read.every((line) => line.startsWith("plain")))
            const positions = [...byKey.map(([one]) => one), plain].flatMap((each) => each.positions)
            assert.lengthOf(new Set(positions), 160)
            const late = yield* open(name, false, "none of these")
            yield* current(late.log)
            assert.deepStrictEqual(late.read, [])
          })
        )
    )

    it.live("delivers the newest snapshot of a key to a late reader of it, and the entries of this key after it", () =>
      run(
        Effect.gen(function* () {
          const name = newName()
          const [a, b] = [yield* open(name, true, "a"), yield* open(name, true, "b")]
          for (let n = 0; n < 300; n++) {
            a.log.unsafeAppend({ who: "a", n })
            b.log.unsafeAppend({ who: "b", n })
          }
          yield* settled([a, b], 300)
          for (const [early, key] of [
            [a, "a"],
            [b, "b"]
          ] as const) {
            const late = yield* open(name, true, key)
            yield* current(late.log)
            assert.deepStrictEqual(late.read, early.read)
            assert.isAbove(late.restored.length, 0)
          }
        })
      )
    )

    it.live("refuses names and keys that no engine could keep, and says what is allowed", () =>
      run(
        Effect.gen(function* () {
          const problemOf = (name: string, key?: string) =>
            Effect.map(Effect.either(open(name, false, key)), (opened) =>
              opened._tag === "Left" ? opened.left.message : "it was opened"
            )
          const problems = [
            yield* problemOf("a.b"),
            yield* problemOf(""),
            yield* problemOf("a", ""),
            yield* problemOf("a", "ü".repeat(65))
          ]
          assert.deepStrictEqual(problems.slice(0, 3), [
            `the log's name "a.b": expected 1 to 40 letters, digits, - and _`,
            `the log's name "": expected 1 to 40 letters, digits, - and _`,
            `the key "" of the log a has 0 bytes: expected 1 to 128`
          ])
          assert.match(problems[3]!, /has 130 bytes: expected 1 to 128$/)
        })
      )
    )

    if (options.keeps)
      it.live("delivers earlier entries of a key, and no others, to a late reader of it and to a scan", () =>
        run(
          Effect.gen(function* () {
            const name = newName()
            const logs = yield* Logs
            yield* Effect.scoped(
              Effect.gen(function* () {
                const [a, b] = [yield* open(name, false, "a"), yield* open(name, false, "b")]
                for (let n = 0; n < 20; n++)
                  for (const { log } of [a, b]) log.unsafeAppend({ who: log === a.log ? "a" : "b", n })
                yield* settled([a, b], 20)
              })
            )
            const late = yield* open(name, false, "b")
            yield* current(late.log)
            assert.deepStrictEqual(
              late.read,
              Array.from({ length: 20 }, (_, n) => `b${n}`)
            )
            const scanned: Array<string> = []
            const note = ({ n, who }: Line) => scanned.push(`${who}${n}`) > 0
            yield* logs.scan(name, codec, late.positions[17]!, note, "b")
            yield* logs.scan(name, codec, 0, note)
            assert.deepStrictEqual(scanned, ["b17", "b18", "b19"])
            // A removed log has lost all its keys.
            yield* logs.remove(name)
            const after = yield* open(name, false, "a")
            yield* current(after.log)
            assert.deepStrictEqual(after.read, [])
          })
        )
      )

    if (options.keeps)
      it.live("delivers earlier entries to a late reader and to a scan; a removed log is empty", () =>
        run(
          Effect.gen(function* () {
            const name = newName()
            const logs = yield* Logs
            yield* Effect.scoped(
              Effect.gen(function* () {
                const early = yield* open(name)
                for (let n = 0; n < 50; n++) early.log.unsafeAppend({ who: "a", n })
                yield* settled([early], 50)
              })
            )
            const late = yield* Effect.scoped(
              Effect.gen(function* () {
                const late = yield* open(name)
                yield* current(late.log)
                return late
              })
            )
            assert.deepStrictEqual(
              late.read,
              Array.from({ length: 50 }, (_, n) => `a${n}`)
            )
            const scanned: Array<string> = []
            yield* logs.scan(name, codec, late.positions[10]!, ({ who, n }) => scanned.push(`${who}${n}`) < 5)
            assert.deepStrictEqual(scanned, ["a10", "a11", "a12", "a13", "a14"])
            assert.include(yield* logs.names, name)
            yield* logs.remove(name)
            assert.notInclude(yield* logs.names, name)
            const after = yield* open(name)
            yield* current(after.log)
            assert.deepStrictEqual(after.read, [])
          })
        )
      )

    it.live("delivers the newest snapshot to a late reader, and all entries after it", () =>
      run(
        Effect.gen(function* () {
          const name = newName()
          const early = yield* open(name, true)
          for (let n = 0; n < 500; n++) early.log.unsafeAppend({ who: "a", n })
          yield* settled([early], 500)
          for (let n = 500; n < 520; n++) early.log.unsafeAppend({ who: "a", n })
          const late = yield* open(name, true)
          yield* settled([early, late], 520)
          assert.deepStrictEqual(late.read, early.read)
          assert.isAbove(late.restored.length, 0)
        })
      )
    )
  })

/** Waits until each of them has read this many lines. */
export const settled = (opened: ReadonlyArray<Opened>, count: number) =>
  Effect.suspend(() =>
    opened.every(({ read }) => read.length >= count) ? Effect.void : Effect.fail("not yet" as const)
  ).pipe(
    Effect.retry(Schedule.spaced(2)),
    Effect.timeoutTo({
      duration: stateLimit(),
      onSuccess: () => undefined,
      onTimeout: () => `read ${opened.map(({ read }) => read.length)} of ${count}`
    }),
    Effect.flatMap((problem) => (problem === undefined ? Effect.void : Effect.dieMessage(problem))),
    Effect.orDie
  )
