import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Logs } from "../../src/Log/Log.ts"
import * as MemoryLogs from "../../src/Log/MemoryLogs.ts"
import { codec, conforms, type Line } from "./conformance.ts"

conforms("logs in memory that keep their entries", MemoryLogs.layer({ keep: 1 << 20 }), { keeps: true })
conforms("logs in memory", MemoryLogs.layer(), { keeps: false })

it.scoped("an entry comes back at once and is the same object, and entries that it causes come after it", () =>
  Effect.gen(function* () {
    const seen: Array<Line> = []
    const logs = yield* Logs
    const log = yield* logs.open<Line>("again", {
      codec,
      reader: {
        entry: (line) => {
          if (line.n < 3) log.unsafeAppend({ who: "reader", n: line.n + 1 })
          seen.push(line)
        }
      }
    })
    const first = { who: "me", n: 1 }
    log.unsafeAppend(first)
    assert.strictEqual(seen[0], first)
    assert.deepStrictEqual(
      seen.map((line) => line.n),
      [1, 2, 3]
    )
  }).pipe(Effect.provide(MemoryLogs.layer()))
)

it.scoped("keeps no more bytes than configured", () =>
  Effect.gen(function* () {
    const logs = yield* Logs
    const log = yield* logs.open<Line>("short", { codec, reader: { entry: () => {} } })
    for (let n = 0; n < 1000; n++) log.unsafeAppend({ who: "a", n })
    const kept: Array<number> = []
    yield* logs.scan("short", codec, 0, ({ n }) => kept.push(n) > 0)
    assert.isBelow(kept.length, 60)
    assert.strictEqual(kept.at(-1), 999)
  }).pipe(Effect.provide(MemoryLogs.layer({ keep: 1000 })))
)
