import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Nodes from "../scripts/Nodes.ts"
import { messageOf } from "../src/Text/Thrown.ts"
import { BenchError } from "./BenchError.ts"
import { compile } from "./Compile.ts"
import { type Contender, peersFolder, project, root } from "./Contender.ts"
import * as PeerPackages from "./PeerPackages.ts"
import type { Program } from "./ProcessTree.ts"

const script = (command: string, file: string, ...args: ReadonlyArray<string | number>): Program => ({
  command,
  args: [file, ...args],
  cwd: peersFolder
})

/** The project on each version of Node that it supports. */
const nodes: ReadonlyArray<Contender> = Nodes.versions.map((node) => ({
  ...project(root, `node${node.major}`, `effect-c10k on Node ${node.version}`, join(node.path, "node")),
  onRequest: true,
  prepare: Effect.try({
    try: () => Nodes.install(Nodes.versions),
    catch: (error) => new BenchError({ message: messageOf(error) })
  })
}))

/** The peers beside which the project is measured. Their programs are in `bench/peers`. */
export const peers: ReadonlyArray<Contender> = [
  {
    name: "floor",
    title: "the kernel alone",
    prepare: Effect.asVoid(compile("floor", peersFolder, ["floor.c"])),
    slowness: 1,
    server: (port) => ({ command: "node_modules/.cache/floor", args: [port], cwd: peersFolder })
  },
  {
    name: "least-relay",
    title: "the least relay on node:net",
    onRequest: true,
    slowness: 1,
    server: (port) => script("node", "least-relay.js", port)
  },
  {
    name: "uws",
    title: "µWebSockets.js",
    prepare: PeerPackages.install,
    slowness: 1,
    servesPage: true,
    server: (port, page) => script("node", "uws-server.cjs", port, page)
  },
  {
    name: "ws",
    title: "ws by hand",
    slowness: 4,
    servesPage: true,
    server: (port, page) => script("node", "ws-server.js", port, page),
    life: (port, size, steps) => script("node", "ws-life.js", port, size, steps),
    echoClients: (port, clients, delay) => script("node", "ws-echo-clients.js", port, clients, delay)
  },
  {
    name: "python",
    title: "Python websockets",
    slowness: 8,
    server: (port) => script("/usr/bin/python3", "python_server.py", port),
    life: (port, size, steps) => script("/usr/bin/python3", "python_life.py", port, size, steps)
  },
  {
    name: "socketio",
    title: "Socket.IO",
    prepare: PeerPackages.install,
    slowness: 4,
    speaksSocketIo: true,
    server: (port) => script("node", "socketio-server.js", port)
  },
  {
    name: "bun",
    title: "Bun's own server",
    prepare: PeerPackages.install,
    slowness: 1,
    servesPage: true,
    server: (port, page) => script("node_modules/@oven/bun-linux-x64/bin/bun", "bun-server.js", port, page)
  },
  ...nodes
]
