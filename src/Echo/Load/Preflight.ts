import * as Arr from "effect/Array"
import * as Authority from "../../Text/Authority.ts"
import * as Count from "../../Text/Count.ts"
import { type LoadPlan, scenariosOf, urlsOf } from "../Scenario/LoadPlan.ts"
import { mostConnected } from "../Scenario/Longest.ts"
import * as Template from "../Scenario/Template.ts"
import type { Resources, Socket } from "./Machine.ts"

/** File descriptors that a process needs in addition to one per client, for its own files, sockets and timers. */
const OWN_FILES = 40
/** Bytes per client: 10 KiB in this process, as measured, and some in the kernel. */
const CLIENT_MEMORY = 16 * 1024
/** Bytes that a process takes before its first client. */
const PROCESS_MEMORY = 90 * 1024 * 1024

const mebibytes = (bytes: number): string => `${Count.format(Math.ceil(bytes / 1024 / 1024))} MiB`

const files = (clients: number, processes: number, machine: Resources): ReadonlyArray<string> => {
  const needed = Math.ceil(clients / processes) + OWN_FILES
  const spare = Math.max(1, machine.fileLimit - OWN_FILES)
  if (needed <= machine.fileLimit) return []
  return [
    `${Count.format(clients)} clients at one time${processes === 1 ? "" : ` in ${processes} processes`} need ${Count.format(needed)} file descriptors a process, and ${Count.format(machine.fileLimit)} are allowed: ` +
      `raise the limit with \`ulimit -n ${needed}\`, or use --processes ${Math.ceil(clients / spare)}`
  ]
}

const memory = (clients: number, processes: number, machine: Resources): ReadonlyArray<string> => {
  const needed = clients * CLIENT_MEMORY + processes * PROCESS_MEMORY
  if (needed <= machine.availableMemory) return []
  return [
    `${Count.format(clients)} clients at one time need about ${mebibytes(needed)} of memory, and ${mebibytes(machine.availableMemory)} are available: use fewer clients, or free memory`
  ]
}

/** A host and port, and the number of clients that connect to it. */
interface PortTarget {
  readonly url: URL
  readonly connections: number
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "[::1]" || host.startsWith("127.")

/** The targets of all scenarios of a plan, each once, because two paths of one server share its ports. Unix sockets need no ports. */
const targetsOf = (plan: LoadPlan, clients: number): ReadonlyArray<PortTarget> => {
  const scenarios = scenariosOf(plan)
  const weights = scenarios.reduce((sum, { weight }) => sum + weight, 0)
  const targets = new Map<string, PortTarget>()
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

/** Whether a closed connection still blocks its port for a new connection. This depends on whether the new one is on loopback. */
const keepsPort = (socket: Socket, onLoopback: boolean, { timeWaitReuse }: Resources): boolean =>
  !socket.timeWait || timeWaitReuse === 0 || (timeWaitReuse === 2 && !onLoopback)

/** A number of connections at the same time of which each needs its own port. */
interface Need {
  readonly from: string
  readonly connections: number
  readonly onLoopback: boolean
  /** Whether an existing connection uses one of these ports. */
  readonly has: (socket: Socket) => boolean
}

/**
 * Without a source address, connections to different targets can share a port, so each target is counted on its own. A source
 * address is bound before the target is known. Then each port of this address can have only one connection.
 */
const needsOf = (
  { localAddresses }: LoadPlan,
  targets: ReadonlyArray<PortTarget>,
  all: number
): ReadonlyArray<Need> => {
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

/** A line for each target or address that has too few local ports. */
const ports = (plan: LoadPlan, clients: number, machine: Resources): ReadonlyArray<string> => {
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

/** Checks whether this machine has enough resources for a plan. Returns one line for each that is short, with numbers and a remedy. */
export const check = (plan: LoadPlan, processes: number, machine: Resources): ReadonlyArray<string> => {
  const clients = mostConnected(plan)
  return [
    ...files(clients, processes, machine),
    ...ports(plan, clients, machine),
    ...memory(clients, processes, machine)
  ]
}
