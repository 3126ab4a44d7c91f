/**
 * `npm run chaos`: long random games with many kills. The seed is printed: `npm run chaos -- SEED GAMES`. With `--nodes N` the game
 * is on N servers that share it by a log in NATS; with `--placed` the cells of a block are on one of them. `--kills K` is the number of kills (default 50). `--speed S` is in steps per
 * second, for a machine that is too slow for all kills during the game. `--slow-node` only tests whether a slow node slows others.
 * `--channels` tests clients of channels on three nodes in place of games: `--clients N` (default 1,000) and `--kills K` (30).
 */
import { parseArgs } from "node:util"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as ChannelsChaos from "./ChannelsChaos.ts"
import * as LifeChaos from "./LifeChaos.ts"
import * as NodesChaos from "./NodesChaos.ts"
import * as SlowNode from "./SlowNode.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    nodes: { type: "string", default: "0" },
    placed: { type: "boolean", default: false },
    kills: { type: "string" },
    channels: { type: "boolean", default: false },
    clients: { type: "string", default: "1000" },
    speed: { type: "string" },
    "slow-node": { type: "boolean", default: false }
  }
})
const [first = String(Math.floor(Math.random() * 1_000_000)), games = "3"] = positionals
const nodes = Number(values.nodes)
const kills = Number(values.kills ?? (values.channels ? 30 : 50))

const sizes = [
  { width: 32, height: 32 },
  { width: 20, height: 11 },
  { width: 5, height: 5 }
]

const slowNode = Console.log(`seed ${first}: a slow node`).pipe(
  Effect.zipRight(SlowNode.run({ seed: Number(first), rounds: 10, log: (line) => console.log(`  ${line}`) })),
  Effect.tap((report) => Console.log(`  the others are not slowed: ${JSON.stringify(report)}`))
)

const channels = Effect.suspend(() => {
  const clients = Number(values.clients)
  const rooms = Math.max(1, Math.round(clients / 10))
  const size = { clients, channels: rooms, nodes: nodes || 3, kills, seconds: 60 }
  return Console.log(
    `seed ${first}: ${clients} clients in ${rooms} channels, ${size.nodes} nodes, ${kills} kills`
  ).pipe(
    Effect.zipRight(ChannelsChaos.run({ seed: Number(first), ...size, log: (line) => console.log(`  ${line}`) })),
    Effect.flatMap((report) =>
      Console.log(`  every client has everything, once and in order: ${JSON.stringify(report)}`)
    )
  )
})

const program = Effect.forEach(
  Array.from({ length: Number(games) }, (_, n) => n),
  (n) => {
    const seed = Number(first) + n
    const size = sizes[n % sizes.length]!
    const steps = nodes > 0 ? 300 : 200
    // Faults of nodes take seconds, and all of them must happen during the game.
    const speed = Number(values.speed ?? (nodes > 0 ? 0.8 : 5))
    const options = { seed, ...size, steps, kills, speed, log: (line: string) => console.log(`  ${line}`) }
    const where = nodes > 0 ? `, ${nodes} nodes${values.placed ? ", placed by blocks" : ""}` : ""
    const play: Effect.Effect<object, Error> =
      nodes > 0 ? NodesChaos.run({ ...options, nodes, isPlaced: values.placed }) : LifeChaos.run(options)
    return Console.log(`seed ${seed}: ${size.width} x ${size.height}, ${steps} steps, ${kills} kills${where}`).pipe(
      Effect.zipRight(play),
      Effect.tap((report) => Console.log(`  all cells right: ${JSON.stringify(report)}`))
    )
  },
  { discard: true }
)

NodeRuntime.runMain(values.channels ? channels : values["slow-node"] ? Effect.asVoid(slowNode) : program)
