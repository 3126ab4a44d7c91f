import { once } from "node:events"
import * as Net from "node:net"
import * as Effect from "effect/Effect"

/** A server's socket, and its client's. */
export const pair = Effect.gen(function* () {
  const server = yield* Effect.acquireRelease(
    Effect.sync(() => Net.createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1")),
    (server) => Effect.sync(() => server.close())
  )
  yield* Effect.promise(() => once(server, "listening"))
  const { port } = server.address() as Net.AddressInfo
  const client = yield* Effect.acquireRelease(
    Effect.sync(() => Net.connect(port, "127.0.0.1")),
    (client) => Effect.sync(() => client.destroy())
  )
  const [accepted] = yield* Effect.promise(() => once(server, "connection") as Promise<[Net.Socket]>)
  // Some tests reset a connection.
  for (const socket of [client, accepted]) socket.on("error", () => {})
  return { client, accepted }
})
