/**
 * The least client of an echo on this project's connections: each sends a text, compares what comes, and sends the next one.
 * Usage: node --import tsx bench/servers/leastClients.ts URL CONNECTIONS MESSAGES
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { Reactor } from "../../src/WebSocket/Connection/Reactor.ts"
import * as Client from "../../src/WebSocket/Http/Client.ts"
import type { ConnectError } from "../../src/WebSocket/Http/ConnectError.ts"
import { BenchError } from "../BenchError.ts"

const [url = "", count = "1", messages = "1"] = process.argv.slice(2)

const converse = (reactor: Reactor["Type"], number: number) =>
  Effect.async<void, BenchError | ConnectError>((resume) => {
    let round = 1
    const text = () => `${number} Spam? ${round}`
    Client.unsafeConnect(
      reactor,
      { url: new URL(url) },
      {
        onOpen: (connection) => {
          connection.send(text())
          return {
            onMessage: (message) => {
              if (message !== text())
                return resume(new BenchError({ message: `expected ${text()}, got ${String(message)}` }))
              if (round++ < Number(messages)) return connection.send(text())
              connection.close(1000, "")
            },
            onClose: () => resume(Effect.void)
          }
        },
        onFailure: (error) => resume(Effect.fail(error))
      }
    )
  })

Effect.gen(function* () {
  const reactor = yield* Reactor
  const numbers = Array.from({ length: Number(count) }, (_, index) => index + 1)
  yield* Effect.forEach(numbers, (number) => converse(reactor, number), { concurrency: "unbounded", discard: true })
}).pipe(Effect.scoped, Effect.provide(Reactor.layer()), NodeRuntime.runMain)
