import * as Count from "../../Text/Count.ts"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import { mostConnected } from "../Scenario/Longest.ts"
import * as Template from "../Scenario/Template.ts"
import type { Resources, Socket } from "./Machine.ts"

/** Descriptors that a process of ours needs beside one a client: its own files, sockets and timers. */
const OWN_FILES = 40
/** Bytes a client takes: 10 KiB here, by measurement, and some in the kernel. */
const CLIENT_MEMORY = 16 * 1024
/** Bytes a process of ours takes before its first client. */
const PROCESS_MEMORY = 90 * 1024 * 1024

const mebibytes = (bytes: number): string => `${Count.format(Math.ceil(bytes / 1024 / 1024))} MiB`

const files = (clients: number, processes: number, machine: Resources): ReadonlyArray<string> => {
  const needed = Math.ceil(clients / processes) + OWN_FILES
  const spare = Math.max(1, machine.fileLimit - OWN_FILES)
  return needed <= machine.fileLimit
    ? []
    : [
        `${Count.format(clients)} clients at one time${processes === 1 ? "" : ` in ${processes} processes`} need ${Count.format(needed)} file descriptors a process, and ${Count.format(machine.fileLimit)} are allowed: ` +
          `raise the limit with \`ulimit -n ${needed}\`, or use --processes ${Math.ceil(clients / spare)}`
      ]
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "[::1]" || host.startsWith("127.")

const portOf = (url: URL): number => Number(url.port) || (url.protocol === "wss:" ? 443 : 80)

/** The hosts and ports that a plan connects to, each once: two paths of one server share its ports. */
const targetsOf = (plan: LoadPlan): ReadonlyArray<URL> => {
  const { proxy } = plan.scenario.connect
  const urls = (proxy === undefined ? plan.urls : [proxy]).map((url) => new URL(Template.compile(url)(Template.sample)))
  return [...new Map(urls.map((url) => [`${url.hostname}:${portOf(url)}`, url])).values()]
}

/** Whether a connection that is over still keeps its port from a new one to `host`. */
const keepsPort = (socket: Socket, host: string, machine: Resources): boolean =>
  !socket.timeWait || machine.timeWaitReuse === 0 || (machine.timeWaitReuse === 2 && !isLoopback(host))

/**
 * Without a source address the kernel shares ports among targets: what counts is each target. A source address is bound
 * before its target is known, so then every port serves one connection of that address.
 */
const ports = (plan: LoadPlan, clients: number, machine: Resources): ReadonlyArray<string> => {
  if (plan.scenario.connect.unixSocket !== undefined) return []
  const [first, last] = machine.ports
  const range = last - first + 1
  const sources = plan.localAddresses.length
  const targets = targetsOf(plan)
  const url = targets[0]!
  const source = plan.localAddresses[0]
  const isMine = (socket: Socket): boolean =>
    source === undefined ? socket.remotePort === portOf(url) : socket.localAddress === source
  const busy = new Set(
    machine.sockets
      .filter((socket) => socket.localPort >= first && socket.localPort <= last)
      .filter((socket) => isMine(socket) && keepsPort(socket, url.hostname, machine))
      .map((socket) => socket.localPort)
  ).size
  const each = Math.ceil(clients / (sources === 0 ? targets.length : sources))
  const free = range - busy
  if (each <= free) return []
  const inUse = busy === 0 ? "" : `, ${Count.format(busy)} of them in use`
  const wanted = Math.ceil(clients / range) + (busy > 0 ? 1 : 0)
  const remedy = isLoopback(url.hostname)
    ? `spread them over more source addresses with --local-address 127.0.0.1-127.0.0.${Math.min(254, wanted)}`
    : "give several addresses of this machine with --local-address, or widen net.ipv4.ip_local_port_range"
  return [
    `${Count.format(each)} connections from ${sources === 0 ? `one address to ${url.host}` : plan.localAddresses[0]} need as many ports, and the range ${first}-${last} has ${Count.format(range)}${inUse}: ${remedy}`
  ]
}

const memory = (clients: number, processes: number, machine: Resources): ReadonlyArray<string> => {
  const needed = clients * CLIENT_MEMORY + processes * PROCESS_MEMORY
  return needed <= machine.availableMemory
    ? []
    : [
        `${Count.format(clients)} clients at one time need about ${mebibytes(needed)} of memory, and ${mebibytes(machine.availableMemory)} are available: use fewer clients, or free memory`
      ]
}

/** What this machine lacks for a plan, with the numbers and the remedy, one line each; nothing when all is well. */
export const check = (plan: LoadPlan, processes: number, machine: Resources): ReadonlyArray<string> => {
  const clients = mostConnected(plan)
  return [
    ...files(clients, processes, machine),
    ...ports(plan, clients, machine),
    ...memory(clients, processes, machine)
  ]
}
