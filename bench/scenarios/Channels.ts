import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { bundled } from "../../scripts/bundled.ts"
import { BenchError } from "../BenchError.ts"
import { ByteClient, frame } from "../ByteClient.ts"
import { type Contender, root } from "../Contender.ts"
import { cpuPer } from "../Metric.ts"
import type { Case, Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

const IN_FLIGHT = 100
/** Publications before the measured ones, so that all offsets have two digits. */
const WARM_UP = 10

const server = (kind: string, title: string): Contender => ({
  name: kind,
  title,
  slowness: 1,
  server: (port) => ({ command: "node", args: [bundled("bench/servers/channels.ts"), kind, port], cwd: root })
})
const contenders = [server("channels", "channels"), server("broadcast", "a message framed once for all connections")]

/** Opens a client; with channels it connects and subscribes in one message, as clients do that come back. */
const enter = async (port: number, isBare: boolean, n: number): Promise<ByteClient> => {
  const client = await ByteClient.open(port)
  if (isBare) return client
  client.send(frame(`{"id":1,"connect":{"token":"u${n}"}}\n{"id":2,"subscribe":{"channel":"room:1"}}`))
  await client.next()
  return client
}

const attempt = <A>(f: () => Promise<A>) =>
  Effect.tryPromise({ try: f, catch: (error) => new BenchError({ message: String(error) }) })

const crowd = (
  port: number,
  isBare: boolean,
  count: number
): Effect.Effect<Array<ByteClient>, BenchError, Scope.Scope> =>
  Effect.acquireRelease(
    attempt(async () => {
      const clients: Array<ByteClient> = []
      while (clients.length < count) {
        const some = Array.from({ length: Math.min(IN_FLIGHT, count - clients.length) }, (_, n) => clients.length + n)
        clients.push(...(await Promise.all(some.map((n) => enter(port, isBare, n)))))
      }
      return clients
    }),
    (clients) => Effect.sync(() => clients.forEach((client) => client.end()))
  )

/** Publishes, and waits each time until all clients have the message. */
const publish = async (all: ReadonlyArray<ByteClient>, messages: number, text: string, bytes: number) => {
  for (let n = 0; n < messages; n++) {
    const waiting = all.slice(1).map((client) => client.until(client.received + bytes))
    all[0]!.send(frame(text))
    await Promise.all(waiting)
  }
}

const DATA = "x".repeat(100)

const broadcast = (clients: number, messages: number): Case => ({
  points: [{ title: `${clients.toLocaleString("en")} subscribers` }],
  takesPart: (contender) => contenders.includes(contender),
  measure: (contender) =>
    Effect.gen(function* () {
      const isBare = contender.name === "broadcast"
      const started = yield* Server.start(contender)
      // The first clients cost more than those that follow.
      yield* Effect.scoped(crowd(started.port, isBare, 500))
      yield* Effect.sleep("1 second")
      const empty = yield* started.usage
      const all = yield* crowd(started.port, isBare, clients)
      const open = yield* started.usage
      yield* Effect.sleep("1500 millis")
      const idle = yield* started.usage
      const info = `"info":{"user":"u0","client":"${"0".repeat(36)}"}`
      const payload = `{"push":{"channel":"room:1","pub":{"data":"${DATA}",${info},"offset":10}}}`
      const text = isBare ? payload : `{"id":9,"publish":{"channel":"room:1","data":"${DATA}"}}`
      const bytes = payload.length + 4
      // The first ones are a little shorter or have an epoch, so that the last of them only settles the count.
      yield* attempt(async () => {
        for (let n = 0; n < WARM_UP; n++) {
          const one = all[1]!.next()
          all[0]!.send(frame(text))
          await one
        }
        await new Promise((resolve) => setTimeout(resolve, 1000))
        await publish(all, 5, text, bytes)
      })
      const before = yield* started.usage
      yield* attempt(() => publish(all, messages, text, bytes))
      const after = yield* started.usage
      return [
        {
          cpu: ((after.cpu - before.cpu) / (messages * clients)) * 1e6,
          accept: ((open.cpu - empty.cpu) / clients) * 1e6,
          memory: (idle.memory - empty.memory) / clients / 1024
        }
      ]
    })
})

export const channelCosts: Scenario = {
  name: "channels",
  title: "Channels",
  about:
    "Clients of Centrifugo's protocol connect and subscribe to one channel, and then one of them publishes 100 bytes again and again: the next " +
    "publication when all have the one before. Beside it the same message is framed once and sent to as many bare connections. Memory is what a " +
    "client takes that is subscribed and idle.",
  metrics: [
    cpuPer("delivery", 2),
    { key: "accept", label: "server CPU from accept to subscribed", unit: "µs", better: "lower", digits: 0 },
    { key: "memory", label: "memory per idle client", unit: "KiB", better: "lower", digits: 2 }
  ],
  also: contenders,
  cases: (scale) => [scale === "quick" ? broadcast(200, 5) : broadcast(10_000, 40)]
}
