import { bundled } from "../scripts/bundled.ts"
import { type Contender, root } from "./Contender.ts"

/** The transports for `@effect/rpc`: this project, and the ways of `@effect/platform-node`. */
export type RpcWay = "rpc-socket" | "rpc-upgrade" | "rpc-platform-upgrade" | "rpc-platform-socket"

const titles: Readonly<Record<RpcWay, string>> = {
  "rpc-socket": "layerSocketServer",
  "rpc-upgrade": "layerHttpServer",
  "rpc-platform-upgrade": "platform-node: NodeHttpServer",
  "rpc-platform-socket": "platform-node: NodeSocketServer.layerWebSocket"
}

/** The servers of `bench/servers/rpc.ts`, bundled. */
export const rpcWays: ReadonlyArray<Contender> = (Object.keys(titles) as ReadonlyArray<RpcWay>).map((way) => ({
  name: way,
  title: titles[way],
  slowness: 1,
  echoesOnly: true,
  server: (port) => ({ command: "node", args: [bundled("bench/servers/rpc.ts"), way, port], cwd: root })
}))
