import * as Arr from "effect/Array"
import * as Authority from "../../Text/Authority.ts"
import * as Count from "../../Text/Count.ts"
import { type LoadPlan, scenariosOf, urlsOf } from "../Scenario/LoadPlan.ts"
import * as Template from "../Scenario/Template.ts"
import type { Resources, Socket } from "./Machine.ts"

/** A host and port that clients connect to, and how many of them. */
interface Target {
  readonly url: URL
  readonly connections: number
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "[::1]" || host.startsWith("127.")

/** The targets of all scenarios of a plan, each once: two paths of one server share its ports. A Unix socket takes none. */
const targetsOf = (plan: LoadPlan, clients: number): ReadonlyArray<Target> => {
  const scenarios = scenariosOf(plan)
  const weights = scenarios.reduce((sum, { weight }) => sum + weight, 0)
  const targets = new Map<string, Target>()
  for (const { scenario, weight } of scenarios) {
    const { proxy, unixSocket } = scenario.connect
    if (unixSocket !== undefined) continue
    const urls = (proxy === undefined ? urlsOf(plan, scenario) : [proxy]).map(
      (url) => new URL(Template.compile(url)(Template.sample))
    )
    for (const [key, same] of Object.entries(Arr.groupBy(urls, (url) => Authority.format(Authority.of(url))))) {
      const own = Math.ceil((clients * weight * same.length) / (weights * urls.length))
      const { connections, url } = targets.get(key) ?? { connections: 0, url: same[0] }
      targets.set(key, { url, connections: connections + own })
    }
  }
  return [...targets.values()]
}

/** Whether a connection that is over still keeps its port from a new one, to a host that is on loopback or not. */
const keepsPort = (socket: Socket, onLoopback: boolean, { timeWaitReuse }: Resources): boolean =>
  !socket.timeWait || timeWaitReuse === 0 || (timeWaitReuse === 2 && !onLoopback)

/** So many ports that connections need at one time, each another one. */
interface Need {
  readonly from: string
  readonly connections: number
  readonly onLoopback: boolean
  /** Whether a connection that is there already has one of them. */
  readonly has: (socket: Socket) => boolean
}

/**
 * Without a source address the kernel shares ports among targets: what counts is each target. A source address is bound
 * before its target is known, so then every port serves one connection of that address.
 */
const needsOf = ({ localAddresses }: LoadPlan, targets: ReadonlyArray<Target>, all: number): ReadonlyArray<Need> => {
  const source = localAddresses[0]
  if (source === undefined) {
    return targets.map(({ connections, url }) => {
      const { port } = Authority.of(url)
      return {
        ...{ from: `one address to ${url.host}`, connections, onLoopback: isLoopback(url.hostname) },
        has: ({ remotePort }) => remotePort === port
      }
    })
  }
  return [
    {
      from: source,
      connections: Math.ceil(all / localAddresses.length),
      onLoopback: targets.every(({ url }) => isLoopback(url.hostname)),
      has: ({ localAddress }) => localAddress === source
    }
  ]
}

/** The lack of ports to connect from: a line for each target for which there are too few. */
export const check = (plan: LoadPlan, clients: number, machine: Resources): ReadonlyArray<string> => {
  const [first, last] = machine.ports
  const range = last - first + 1
  const targets = targetsOf(plan, clients)
  const all = targets.reduce((sum, { connections }) => sum + connections, 0)
  const sockets = machine.sockets.filter(({ localPort }) => localPort >= first && localPort <= last)
  return needsOf(plan, targets, all).flatMap(({ connections, from, has, onLoopback }) => {
    const kept = sockets.filter((socket) => has(socket) && keepsPort(socket, onLoopback, machine))
    const busy = new Set(kept.map(({ localPort }) => localPort)).size
    if (connections <= range - busy) return []
    const inUse = busy === 0 ? "" : `, ${Count.format(busy)} of them in use`
    const wanted = Math.min(254, Math.ceil(all / range) + (busy > 0 ? 1 : 0))
    const remedy = onLoopback
      ? `spread them over more source addresses with --local-address 127.0.0.1-127.0.0.${wanted}`
      : "give several addresses of this machine with --local-address, or widen net.ipv4.ip_local_port_range"
    return [
      `${Count.format(connections)} connections from ${from} need as many ports, and the range ${first}-${last} has ${Count.format(range)}${inUse}: ${remedy}`
    ]
  })
}
