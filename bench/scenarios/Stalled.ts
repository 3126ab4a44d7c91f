import * as net from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Contender } from "../Contender.ts"
import { cpuPer } from "../Metric.ts"
import type { Scenario } from "../Scenario.ts"
import { game } from "./Relay.ts"

const request = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

/** A text frame of a client, masked with zeros. */
const frame = (text: string) =>
  Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text, "latin1")])

/** Opens a WebSocket and never reads from it. */
const deaf = (port: number, path: string, ...texts: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const socket = net.connect(port, "127.0.0.1")
      // The server is expected to close it.
      socket.on("error", () => {})
      socket.pause()
      socket.write(request(path))
      for (const text of texts) socket.write(frame(text))
      return socket
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

/** The neighbours of cell 1 1. */
const neighbours = ["0 0", "0 1", "0 2", "1 0", "1 2", "2 0", "2 1", "2 2"]

const stalled = (port: number): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(Effect.all([deaf(port, "/watcher/"), deaf(port, "/worker/", ...neighbours, "sub")]))

/** Deliveries before the measured ones: V8's young generation has grown then, which is no memory kept for readers that stall. */
const WARM_UP = 5_000_000

export const stalledReaders: Scenario = {
  name: "stalled",
  title: "Readers that stall",
  about:
    "The game of the relay scenario for about a minute with one watcher that reads, and the same game with " +
    "another watcher and a worker that never read. All others must get everything, and at the same speed. The " +
    "server must not keep what nobody reads. Memory growth is measured from the end of the warm-up to the end of " +
    "the game. The warm-up is so long that V8's young generation has grown, as it does in every busy game.",
  metrics: [
    { key: "steps", label: "steps", unit: "1/s", better: "higher", digits: 1 },
    { key: "growth", label: "memory growth", unit: "MiB", better: "lower", digits: 0 },
    cpuPer("delivery")
  ],
  cases: (scale) => {
    const [size, steps] = scale === "quick" ? ([16, 100] as const) : ([32, 4000] as const)
    const takesPart = (contender: Contender) => contender.givesUpSlowReaders === true
    return [
      { ...game(size, steps, 1, { title: "all read" }, { warmUp: WARM_UP }), takesPart },
      {
        ...game(size, steps, 1, { title: "a watcher and a worker never read" }, { warmUp: WARM_UP, disturb: stalled }),
        takesPart
      }
    ]
  }
}
