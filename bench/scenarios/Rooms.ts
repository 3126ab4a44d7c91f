import { jetstreamManager } from "@nats-io/jetstream"
import { connect } from "@nats-io/transport-node"
import * as Effect from "effect/Effect"
import { bundled } from "../../scripts/bundled.ts"
import { BenchError } from "../BenchError.ts"
import { ByteClient, frame } from "../ByteClient.ts"
import { type Contender, root } from "../Contender.ts"
import { onOtherCores, thisIsLoad } from "../Cores.ts"
import { cpuPer } from "../Metric.ts"
import * as NatsServer from "../NatsServer.ts"
import type { Case, Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

const MEMBERS = 10
/** Rooms whose members come at the same time. */
const IN_FLIGHT = 10
const DATA = "x".repeat(100)

/** With `isApart`, each node has a log of its own. */
const on = (nodes: number, isApart: boolean): Contender => ({
  name: `rooms-${nodes}${isApart ? "-apart" : ""}`,
  title: `${nodes} ${nodes === 1 ? "node" : "nodes"} and NATS${isApart ? `, ${nodes} logs` : ""}`,
  slowness: 1,
  nodes,
  isApart
})
const contenders = [on(1, false), on(3, false), on(3, true)]

const server = (contender: Contender, nats: string, node: number): Contender => ({
  ...contender,
  server: (port) => {
    const log = contender.isApart === true ? `channels-${node}` : "channels"
    const args = [bundled("bench/servers/channels.ts"), "channels", port, nats, log]
    return onOtherCores({ command: "node", args, cwd: root })
  }
})

/** A member that has subscribed. A user may have only some connections, so each has a name of its own. */
const enter = async (port: number, room: number, n: number): Promise<ByteClient> => {
  const client = await ByteClient.open(port)
  client.send(frame(`{"id":1,"connect":{"token":"u${room}-${n}"}}\n{"id":2,"subscribe":{"channel":"room:${room}"}}`))
  await client.until(client.received + 1)
  return client
}

const attempt = <A>(f: () => Promise<A>) =>
  Effect.tryPromise({ try: f, catch: (error) => new BenchError({ message: String(error) }) })

/** The entries of all logs. */
const entriesOf = async (servers: string): Promise<number> => {
  const connection = await connect({ servers })
  try {
    let entries = 0
    for await (const { config, state } of (await jetstreamManager(connection)).streams.list())
      if (config.name.includes("_log_")) entries += state.last_seq
    return entries
  } finally {
    await connection.close()
  }
}

const enterAll = async (ports: ReadonlyArray<number>, rooms: number): Promise<ReadonlyArray<Array<ByteClient>>> => {
  const all: Array<Array<ByteClient>> = []
  while (all.length < rooms) {
    const some = Array.from({ length: Math.min(IN_FLIGHT, rooms - all.length) }, (_, n) => all.length + n)
    all.push(
      ...(await Promise.all(
        some.map((room) =>
          Promise.all(Array.from({ length: MEMBERS }, (_, n) => enter(ports[room % ports.length]!, room, n)))
        )
      ))
    )
  }
  return all
}

/** In each room a member publishes, and the next time when all others have it. */
const talk = async (rooms: ReadonlyArray<ReadonlyArray<ByteClient>>, messages: number): Promise<void> => {
  await Promise.all(
    rooms.map(async (members, room) => {
      const publish = frame(`{"id":9,"publish":{"channel":"room:${room}","data":"${DATA}"}}`)
      for (let n = 0; n < messages; n++) {
        const [speaker, ...others] = members
        const waiting = others.map((other) => other.until(other.received + DATA.length))
        speaker!.send(publish)
        await Promise.all(waiting)
      }
    })
  )
}

const conversations = (rooms: number, messages: number): Case => ({
  points: [{ title: `${rooms.toLocaleString("en")} rooms of ${MEMBERS}` }],
  takesPart: (contender) => contenders.includes(contender),
  measure: (contender) =>
    Effect.gen(function* () {
      yield* thisIsLoad
      const engine = yield* NatsServer.start(onOtherCores)
      const servers = yield* Effect.forEach(Array.from({ length: contender.nodes! }), (_, node) =>
        Server.start(server(contender, engine.url, node))
      )
      const all = yield* Effect.acquireRelease(
        attempt(() =>
          enterAll(
            servers.map(({ port }) => port),
            rooms
          )
        ),
        (opened) => Effect.sync(() => opened.flat().forEach((client) => client.end()))
      )
      const cpu = Effect.map(Effect.all([engine.usage, ...servers.map(({ usage }) => usage)]), ([nats, ...nodes]) => ({
        nats: nats.cpu,
        nodes: nodes.reduce((sum, usage) => sum + usage.cpu, 0)
      }))
      // Each node must warm up, and each has only a part of the rooms.
      yield* attempt(() => talk(all, Math.ceil(messages / 3) * servers.length))
      const entriesBefore = yield* attempt(() => entriesOf(engine.url))
      const before = yield* cpu
      yield* attempt(() => talk(all, messages))
      const after = yield* cpu
      const entries = (yield* attempt(() => entriesOf(engine.url))) - entriesBefore
      const deliveries = rooms * messages * MEMBERS
      const nodes = ((after.nodes - before.nodes) / deliveries) * 1e6
      const nats = ((after.nats - before.nats) / deliveries) * 1e6
      return [{ cpu: nodes + nats, nodes, nats, gathered: (rooms * messages) / entries }]
    })
})

export const rooms: Scenario = {
  name: "rooms",
  title: "Rooms on nodes",
  about:
    "Rooms of ten members, as channels whose messages go through a log in NATS. All members of a room are on one node, and the rooms " +
    "are spread over the nodes. In each room one member publishes 100 bytes: the next time when all others have the message before. All " +
    "nodes read all that is published. The line with three logs shows what that costs: there a node reads only what its own members publish. The load runs on the first core and the rest on the others.",
  metrics: [
    cpuPer("delivery, nodes and NATS"),
    { key: "nodes", label: "nodes alone", unit: "µs", better: "lower", digits: 2 },
    { key: "nats", label: "nats-server", unit: "µs", better: "lower", digits: 2 },
    { key: "gathered", label: "messages in an entry of the log", unit: "", better: "higher", digits: 1 }
  ],
  also: contenders,
  cases: (scale) => [scale === "quick" ? conversations(20, 4) : conversations(1000, 30)]
}
