/**
 * Clients of channels on several nodes, while nodes and the engine of the log are killed and frozen and sockets are cut. Each client must
 * get every publication once and in order, or be told of a gap. Nothing is published that the history would have dropped before a
 * client is back, so there must be no gap either.
 */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Centrifuge } from "centrifuge"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { PCGRandom } from "effect/Utils"
import { WebSocket } from "ws"
import * as JetStreamLogs from "../../src/Log/JetStreamLogs.ts"
import { Logs } from "../../src/Log/Log.ts"
import { served } from "../Channels/rig.ts"
import { eventually } from "../eventually.ts"
import { freePort } from "../freePort.ts"
import * as NatsServer from "../Log/NatsServer.ts"
import * as FaultyNetwork from "./FaultyNetwork.ts"
import { ChaosFailure } from "./Killing.ts"

interface ChannelsChaosOptions {
  readonly seed: number
  readonly clients: number
  readonly channels: number
  readonly nodes: number
  readonly kills: number
  /** Seconds of publications, one a second to each channel. Longer if the faults take longer. */
  readonly seconds: number
  readonly log?: (line: string) => void
}

const kinds = ["node", "frozen node", "engine", "frozen engine", "sockets", "network"] as const

const LOG = "chaos"

/** What one client got of its channel. */
class Witness {
  readonly channel: string
  /** Offsets and data in the order of their arrival. */
  readonly got: Array<readonly [offset: number, data: unknown]> = []
  readonly #client: Centrifuge
  recoveries = 0
  gaps = 0
  wrong: string | undefined

  constructor(url: string, user: string, channel: string) {
    this.channel = channel
    this.#client = new Centrifuge(url, {
      websocket: WebSocket,
      token: `user:${user}`,
      // With the usual 5 s, clients on a busy machine would only give up and begin again.
      timeout: 30_000,
      minReconnectDelay: 50,
      maxReconnectDelay: 2000
    })
    const subscription = this.#client.newSubscription(channel, { minResubscribeDelay: 50, maxResubscribeDelay: 2000 })
    subscription.on("subscribed", ({ recovered, wasRecovering }) => {
      if (wasRecovering && recovered) this.recoveries++
      else if (wasRecovering) this.gaps++
    })
    subscription.on("unsubscribed", ({ code, reason }) => {
      if (code !== 0) this.wrong ??= `${user} was unsubscribed: ${code} ${reason}`
    })
    this.#client.on("disconnected", ({ code, reason }) => {
      if (code !== 0) this.wrong ??= `${user} was disconnected: ${code} ${reason}`
    })
    subscription.on("publication", ({ data, offset = 0 }) => {
      const last = this.got.at(-1)?.[0]
      if (last !== undefined && offset !== last + 1) this.wrong ??= `${user} got ${offset} after ${last} of ${channel}`
      this.got.push([offset, data])
    })
    subscription.subscribe()
    this.#client.connect()
  }

  get isSubscribed(): boolean {
    return this.#client.getSubscription(this.channel)?.state === "subscribed"
  }

  end(): void {
    this.#client.disconnect()
  }
}

/** A node with the network between it and the engine, in a process of its own. */
const makeNode = Effect.fnUntraced(function* (engine: number) {
  const port = yield* Effect.promise(() => freePort("127.0.0.1"))
  const { network, port: enginePort } = yield* FaultyNetwork.scoped(engine)
  network.isOpen = true
  const program = fileURLToPath(new URL("../Channels/nodeServer.ts", import.meta.url))
  const begin = async () => {
    const args = ["--import", "tsx", program, String(port), `nats://127.0.0.1:${enginePort}`, LOG]
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] })
    await eventually(() => fetch(`http://127.0.0.1:${port}/`))
    return child
  }
  const node = { port, network, begin, child: yield* Effect.promise(begin) }
  yield* Effect.addFinalizer(() => Effect.sync(() => node.child.kill("SIGKILL")))
  return node
})

export const run = Effect.fn("ChannelsChaos.run")(function* (options: ChannelsChaosOptions) {
  const { kills, log = () => {}, seconds, seed } = options
  const random = new PCGRandom(seed)
  const fail = (reason: string) => new ChaosFailure({ seed, reason })
  const engine = yield* NatsServer.scoped()
  const logs = yield* Layer.build(JetStreamLogs.layer({ servers: [engine.url], name: "publisher" }))
  // The publisher is a node too, without clients.
  const { channels } = yield* served({}, { logs: Context.get(logs, Logs), name: LOG })
  const nodes = yield* Effect.forEach(Array.from({ length: options.nodes }), () => makeNode(engine.port), {
    concurrency: "unbounded"
  })
  const { network, port } = yield* FaultyNetwork.scoped(...nodes.map((node) => node.port))
  network.isOpen = true
  const names = Array.from({ length: options.channels }, (_, n) => `room:${n}`)
  const witnesses = yield* Effect.acquireRelease(
    Effect.sync(() =>
      Array.from(
        { length: options.clients },
        (_, n) => new Witness(`ws://127.0.0.1:${port}/connection/websocket`, `u${n}`, names[n % names.length]!)
      )
    ),
    (all) => Effect.sync(() => all.forEach((witness) => witness.end()))
  )
  const wrong = () => witnesses.find(({ wrong }) => wrong !== undefined)?.wrong
  const settled = (isSo: (witness: Witness) => boolean) =>
    Effect.tryPromise({
      try: () =>
        eventually(() => {
          const left = witnesses.filter((witness) => wrong() === undefined && !isSo(witness))
          if (left.length > 0)
            throw new Error(`${left.length} clients are not there: ${JSON.stringify(left[0]?.got.at(-1))}`)
        }),
      catch: (error) => fail(String(error))
    })
  yield* settled((witness) => witness.isSubscribed)

  let isOver = false
  let unconfirmed = 0
  let published = 0
  const publish = (name: string) =>
    Effect.gen(function* () {
      for (let n = 1; !isOver; n++) {
        const exit = yield* Effect.either(channels.publish(name, n))
        if (exit._tag === "Left") unconfirmed++
        published++
        yield* Effect.sleep(1000)
      }
    })
  const publishing = yield* Effect.fork(Effect.forEach(names, publish, { concurrency: "unbounded", discard: true }))

  const freeze = (signal: (name: NodeJS.Signals) => unknown) =>
    Effect.gen(function* () {
      signal("SIGSTOP")
      yield* Effect.sleep(1000 + random.integer(3000))
      signal("SIGCONT")
    })
  const harm = (kind: (typeof kinds)[number], node: (typeof nodes)[number]): Effect.Effect<void> => {
    switch (kind) {
      case "node":
        return Effect.promise(async () => {
          node.child.kill("SIGKILL")
          node.child = await node.begin()
        })
      case "frozen node":
        return freeze((name) => node.child.kill(name))
      case "engine":
        return Effect.promise(async () => {
          await engine.kill()
          await engine.start()
        })
      case "frozen engine":
        return freeze((name) => engine.signal(name))
      case "sockets":
        return Effect.sync(() => void network.cut(() => random.number() < 0.5))
      case "network":
        return Effect.gen(function* () {
          node.network.isOpen = false
          node.network.cut(() => true)
          yield* Effect.sleep(1000 + random.integer(3000))
          node.network.isOpen = true
        })
    }
  }
  const counts: Record<string, number> = {}
  const began = performance.now()
  for (let n = 0; n < kills; n++) {
    const kind = kinds[random.integer(kinds.length)]!
    yield* harm(kind, nodes[random.integer(nodes.length)]!)
    counts[kind] = (counts[kind] ?? 0) + 1
    log(`${n + 1}/${kills}: ${kind}`)
    const found = wrong()
    if (found !== undefined) return yield* fail(found)
    yield* Effect.sleep(Math.max(0, ((n + 1) * seconds * 1000) / kills - (performance.now() - began)))
  }
  isOver = true
  yield* publishing.await
  // The last word of each channel: who has it has all before it.
  const ends = new Map<string, number>()
  for (const name of names) {
    const { offset } = yield* Effect.retry(channels.publish(name, "end"), { times: 20 }).pipe(
      Effect.mapError((error) => fail(error.message))
    )
    ends.set(name, offset)
  }
  yield* settled(({ channel, got }) => got.at(-1)?.[0] === ends.get(channel))
  const found = wrong()
  if (found !== undefined) return yield* fail(found)
  const truth = new Map<string, unknown>()
  for (const { channel, got } of witnesses)
    for (const [offset, data] of got) {
      const place = `${channel} ${offset}`
      if (truth.has(place) && truth.get(place) !== data)
        return yield* fail(`clients got different publications: ${place} is ${truth.get(place)} and ${data}`)
      truth.set(place, data)
    }
  const sum = (f: (witness: Witness) => number) => witnesses.reduce((all, witness) => all + f(witness), 0)
  const gaps = sum((witness) => witness.gaps)
  if (gaps > 0) return yield* fail(`${gaps} gaps were told, although the history has everything`)
  if (witnesses.some(({ got }) => got[0]?.[0] !== 1)) return yield* fail("a client did not get the first publication")
  return {
    counts,
    published,
    unconfirmed,
    deliveries: sum(({ got }) => got.length),
    recoveries: sum(({ recoveries }) => recoveries),
    gaps
  }
}, Effect.scoped)
