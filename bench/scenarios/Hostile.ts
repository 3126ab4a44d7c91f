import { once } from "node:events"
import * as net from "node:net"
import { constants, deflateRawSync } from "node:zlib"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import { BenchError } from "../BenchError.ts"
import * as Contender from "../Contender.ts"
import type { ProcessTree } from "../ProcessTree.ts"
import type { Case, Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

const MIB = 2 ** 20

/** What the hostile clients of one kind do. Sockets are destroyed at the end. */
interface Attack {
  readonly title: string
  readonly clients: number
  /** Of which so many are there at a time. */
  readonly atOnce: number
  /** Sends what it sends. The socket is connected and not read. */
  readonly send: (socket: net.Socket) => void
  /** Milliseconds after which it leaves with a reset. */
  readonly stays: number
}

const opening = (extensions = ""): string =>
  "GET /test/echo/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${extensions}\r\n`

/** A binary frame of a client, masked with zeros. `first` has its first byte. */
const frame = (payload: Buffer, first = 0x82): Buffer => {
  const head = Buffer.alloc(14)
  head[0] = first
  head[1] = 0xff
  head.writeBigUInt64BE(BigInt(payload.length), 2)
  return Buffer.concat([head, payload])
}

/** 16 MiB of zeros in 16 KiB, as a message. */
const bomb = (): Buffer => {
  const deflated = deflateRawSync(Buffer.alloc(16 * MIB), { finishFlush: constants.Z_SYNC_FLUSH })
  return frame(deflated.subarray(0, -4), 0xc2)
}

const attacks = (scale: "full" | "quick"): ReadonlyArray<Attack> => {
  const few = scale === "quick"
  const stays = few ? 500 : 10_000
  const silent = (clients: number): Attack => ({
    title: `${clients.toLocaleString("en")} that send and never read`,
    clients,
    atOnce: clients,
    send: (socket) => {
      socket.write(opening())
      for (let i = 0; i < 8; i++) socket.write(frame(Buffer.alloc(MIB / 4)))
    },
    stays
  })
  return [
    {
      title: "12 that pipeline pages and do not read",
      clients: 12,
      atOnce: 12,
      send: (socket) => socket.write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(few ? 500 : 20_000)),
      stays
    },
    {
      title: `${few ? 40 : 1600} that send and leave`,
      clients: few ? 40 : 1600,
      atOnce: 40,
      send: (socket) => socket.write(Buffer.concat([Buffer.from(opening()), frame(Buffer.alloc(60_000))])),
      stays: 50
    },
    silent(12),
    silent(few ? 50 : 2000),
    {
      title: "1 that sends compressed bombs",
      clients: 1,
      atOnce: 1,
      send: (socket) => {
        socket.write(opening("Sec-WebSocket-Extensions: permessage-deflate\r\n"))
        const message = bomb()
        for (let i = 0; i < (few ? 4 : 100); i++) socket.write(message)
      },
      stays
    }
  ]
}

const stay = (port: number, { send, stays }: Attack) =>
  Effect.acquireUseRelease(
    Effect.sync(() =>
      net
        .connect(port, "127.0.0.1")
        .on("error", () => {})
        .pause()
    ),
    (socket) =>
      Effect.promise(() => Promise.race([once(socket, "connect"), once(socket, "close")])).pipe(
        Effect.zipRight(Effect.sync(() => send(socket))),
        Effect.zipRight(Effect.sleep(stays))
      ),
    (socket) => Effect.sync(() => socket.resetAndDestroy())
  )

/** What the server keeps after a garbage collection, in bytes. */
const kept = (server: ProcessTree): Effect.Effect<number, BenchError> =>
  Effect.gen(function* () {
    const before = ((yield* server.output).match(/^kept /gm) ?? []).length
    yield* server.signal("SIGUSR2")
    const answers = Effect.flatMap(server.output, (output) => {
      const all = [...output.matchAll(/^kept (\d+)$/gm)]
      return all.length > before
        ? Effect.succeed(Number(all.at(-1)![1]))
        : new BenchError({ message: "the server does not say what it keeps" })
    })
    return yield* Effect.retry(answers, Schedule.spaced("50 millis").pipe(Schedule.upTo("20 seconds")))
  })

const suffer = (attack: Attack): Case => ({
  points: [{ title: attack.title }],
  takesPart: ({ name }) => name === "budget",
  measure: (contender) =>
    Effect.gen(function* () {
      const server = yield* Server.start(contender)
      // Code and buffers that are needed once are no growth.
      yield* stay(server.port, { ...attack, stays: 500 })
      yield* Effect.sleep("1 second")
      const before = yield* kept(server)
      const start = (yield* server.usage).memory
      let peak = start
      const sample = Effect.map(server.usage, ({ memory }) => {
        peak = Math.max(peak, memory)
      })
      const sampler = yield* Effect.fork(Effect.forever(Effect.delay(sample, "50 millis")))
      yield* Effect.forEach(Array.from({ length: attack.clients }), () => stay(server.port, attack), {
        concurrency: attack.atOnce,
        discard: true
      })
      yield* Effect.sleep("1 second")
      yield* Fiber.interrupt(sampler)
      // A busy machine needs some time until the server has noticed that all have gone.
      const after = Math.min(...(yield* Effect.replicateEffect(Effect.delay(kept(server), "1 second"), 5)))
      return [{ growth: (peak - start) / MIB, left: Math.max(0, after - before) / MIB }]
    })
})

const main = ["--expose-gc", "--import", "./bench/servers/report.mjs", "dist/main.js"]
const own = Contender.fromMain(Contender.root, "budget", "effect-c10k", main)

/** With the smallest budget that a machine gets by default. */
const limited: Contender.Contender = {
  ...own,
  server: (port) => {
    const program = own.server!(port, "")
    return { ...program, args: [...program.args, "--max-memory", "64MiB", "--compress"] }
  }
}

export const hostile: Scenario = {
  name: "hostile",
  title: "Memory under hostile clients",
  about:
    "`serve` with a memory budget of 64 MiB, and clients that try to make it keep more: they do not read, send much and leave, or " +
    "send messages that inflate a thousand times. Growth is resident memory at its peak. What is left is heap and external memory " +
    "after a garbage collection when all have gone. It needs a build (`npm run build`).",
  metrics: [
    { key: "growth", label: "memory growth, peak", unit: "MiB", better: "lower", digits: 0 },
    { key: "left", label: "left when all have gone", unit: "MiB", better: "lower", digits: 1 }
  ],
  also: [limited],
  cases: (scale) => attacks(scale).map(suffer)
}
