/** Clients that never read the answers of `/test/echo/`, beside a game that goes on. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { start } from "./ServerProcess.ts"
import { metrics } from "./ServerRig.ts"

const MIB = 1024 * 1024
const budget = 64 * MIB

/** Uncollected garbage comes on top of the held bytes: 20 to 45 MiB were measured. */
const garbage = 64 * MIB

const figure = (port: number, name: string) => Effect.map(metrics(port), (figures) => figures.get(name) ?? 0)
const relayed = (port: number) => figure(port, "effect_c10k_relayed_messages_total")

describe("Clients that never read", () => {
  for (const [count, bytes, ...more] of [
    // With thousands of clients that never read, the kernel's own buffers would take gigabytes before the server's
    // fill.
    [12, 16_000_000],
    [2000, 250_000, "unfinished"]
  ] as const)
    it.scopedLive(
      `${[count, "of them, with messages of", bytes, "bytes", ...more].join(" ")}, take no more than the budget, and a game goes on`,
      () =>
        Effect.gen(function* () {
          const server = yield* start(["serve", "--host", "127.0.0.1", "--port", "0", "--max-memory", String(budget)])
          const port = yield* Effect.promise(() => server.port())
          yield* start(["life", "--url", `ws://127.0.0.1:${port}/`, "-s", "16", "-l", "600", "--quiet"])
          yield* Effect.repeat(relayed(port), { until: (messages) => messages > 10_000 })
          const resident = yield* figure(port, "process_resident_memory_bytes")
          const program = "test/Server/deafEchoes.ts"
          const deaf = yield* start([String(port), String(count), String(bytes), ...more], { program })
          const watch = Effect.tap(metrics(port), (figures) =>
            Effect.sync(() => {
              assert.isAtMost(figures.get("effect_c10k_held_bytes") ?? 0, budget)
              assert.isBelow((figures.get("process_resident_memory_bytes") ?? 0) - resident, budget + garbage)
            })
          )
          const watched = yield* Effect.fork(Effect.forever(Effect.delay(watch, 100)))
          yield* Effect.promise(() => deaf.printed(/done/))
          // Waits until the clients that must be closed were closed.
          const stills = { closes: 0, count: 0 }
          yield* Effect.repeat(Effect.delay(figure(port, "effect_c10k_memory_closes_total"), 500), {
            until: (closes) => {
              stills.count = closes > 0 && closes === stills.closes ? stills.count + 1 : 0
              stills.closes = closes
              return stills.count === 6
            }
          })
          // The game goes on beside them.
          const then = yield* relayed(port)
          yield* Effect.repeat(relayed(port), { until: (messages) => messages > then + 10_000 })
          // The watching fiber never ends by itself, unless it saw too much memory.
          const ended = yield* Fiber.interrupt(watched)
          if (!Exit.isInterrupted(ended)) yield* ended
        })
    )
})
