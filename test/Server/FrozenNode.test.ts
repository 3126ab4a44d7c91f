/**
 * A node that is frozen for so long that the others continue without it. The nodes are processes of their own, because
 * only these can be stopped.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as NatsServer from "../Log/NatsServer.ts"
import { closeOf, next, reset, subscribe, worker } from "./Game/RelayRig.ts"
import { start } from "./ServerProcess.ts"

const serve = Effect.fnUntraced(function* (url: string, name: string) {
  const server = yield* start(["serve", "--host", "127.0.0.1", "--port", "0", "--nats", url, "--node", name])
  return { server, port: yield* Effect.promise(() => server.port()) }
})

describe("a frozen node", () => {
  it.scopedLive("a frozen node is removed, closes its workers when it wakes, and takes part again", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      const [a, b] = yield* Effect.all([serve(nats.url, "a"), serve(nats.url, "b")], { concurrency: 2 })
      yield* reset(a.port, "2 1")
      const [stays, frozen] = [yield* worker(a.port), yield* worker(b.port)]
      for (const client of [stays, frozen]) yield* subscribe(client, ["0 0", "0 1"])
      for (const client of [stays, frozen]) assert.strictEqual(yield* next(client), "run")
      stays.socket.send("0 0 0 1")
      for (const client of [stays, frozen]) assert.strictEqual(yield* next(client), "0 0 0 1")

      b.server.child.kill("SIGSTOP")
      yield* Effect.promise(() => a.server.printed(/Node b\.\w+ has left, or was silent for too long/))
      // Another worker has its cell meanwhile.
      const heir = yield* worker(a.port)
      yield* subscribe(heir, ["0 0"])
      assert.deepStrictEqual([yield* next(heir), yield* next(heir)], ["run", "0 0 0 1"])
      heir.socket.send("0 0 1 0")
      assert.strictEqual(yield* next(stays), "0 0 1 0")

      b.server.child.kill("SIGCONT")
      yield* Effect.promise(() =>
        b.server.printed(/removed this one from the game, because it was silent: 1 worker is closed/)
      )
      assert.strictEqual((yield* closeOf(frozen)).code, 1012)
      yield* Effect.promise(() => a.server.printed(/silent for too long[\s\S]*Node b\.\w+ takes part/))
      const back = yield* worker(b.port)
      yield* subscribe(back, ["0 1"])
      assert.deepStrictEqual([yield* next(back), yield* next(back)], ["run", "0 0 1 0"])
    })
  )
})
