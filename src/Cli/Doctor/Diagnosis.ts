/** Judges whether a machine can hold a number of connections, and says how to raise what is too low. */
import type { Resources } from "../../Echo/Load/Machine.ts"
import * as Count from "../../Text/Count.ts"

export interface Facts {
  /** `process.versions.node`. */
  readonly node: string
  /** `process.platform`. */
  readonly platform: string
  readonly cores: number
  readonly machine: Pick<Resources, "fileLimit" | "ports" | "timeWaitReuse" | "availableMemory">
  /** What `nats-server --version` prints; `undefined` if there is no such program. */
  readonly nats: string | undefined
}

export interface Finding {
  readonly what: string
  readonly here: string
  /** Whether it is enough; `undefined` if it is no question of the number of connections. */
  readonly isEnough: boolean | undefined
  /** What it means, or how to raise it. */
  readonly means: string
}

/** Descriptors that a process needs beside one for each connection, and a server's reserve for clients that it refuses. */
const SERVER_RESERVE = 64 + 1024
/** Bytes of a client of `echo` with its share of the kernel. */
const CLIENT_BYTES = 16 * 1024
/** Bytes of an idle connection of a server. */
const CONNECTION_BYTES = 4 * 1024
const PROCESS_BYTES = 90 * 2 ** 20
const OLDEST_NODE = [20, 19] as const

const isSupported = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])
}

const unknown = (what: string, platform: string): Finding => ({
  what,
  here: "unknown",
  isEnough: undefined,
  means: `${platform} does not report it in the way of Linux`
})

const descriptors = ({ machine: { fileLimit }, platform }: Facts, clients: number): Finding => {
  if (!Number.isFinite(fileLimit)) return unknown("open files of a process", platform)
  const needed = clients + SERVER_RESERVE
  const isEnough = fileLimit >= needed
  return {
    what: "open files of a process",
    here: Count.format(fileLimit),
    isEnough,
    means: isEnough
      ? `a server holds about ${Count.format(fileLimit - SERVER_RESERVE)} connections in a process`
      : `raise it with \`ulimit -n ${needed}\`, for ever in /etc/security/limits.conf (\`* - nofile ${needed}\`) or with systemd's LimitNOFILE=${needed}; or share the connections: --processes ${Math.ceil(clients / Math.max(1, fileLimit - SERVER_RESERVE))}`
  }
}

const ports = ({ machine: { ports } }: Facts, clients: number): Finding => {
  const [first, last] = ports
  const count = last - first + 1
  const isEnough = count >= clients
  return {
    what: "ports for connections to one address",
    here: `${Count.format(count)} (${first} to ${last})`,
    isEnough,
    means: isEnough
      ? "an `echo` on this machine reaches one server with that many clients"
      : `for \`echo\`: \`sysctl -w net.ipv4.ip_local_port_range="1024 65535"\`, or several source addresses: --local-address 127.0.0.1-127.0.0.${Math.min(254, Math.ceil(clients / Math.max(1, count)))}`
  }
}

const memory = ({ machine: { availableMemory }, platform }: Facts, clients: number): Finding => {
  if (!Number.isFinite(availableMemory)) return unknown("available memory", platform)
  const needed = PROCESS_BYTES + clients * CLIENT_BYTES
  const isEnough = availableMemory >= needed
  const room = Math.max(0, availableMemory - PROCESS_BYTES)
  return {
    what: "available memory",
    here: `${Count.format(Math.floor(availableMemory / 2 ** 20))} MiB`,
    isEnough,
    means: isEnough
      ? `room for ${Count.format(Math.floor(room / CLIENT_BYTES))} clients of \`echo\`, or ${Count.format(Math.floor(room / CONNECTION_BYTES))} idle connections of a server`
      : `${Count.format(clients)} clients of \`echo\` need about ${Count.format(Math.ceil(needed / 2 ** 20))} MiB: use fewer, or several machines (echo --agents)`
  }
}

/** All that is known of the machine, what matters most first. */
export const findings = (facts: Facts, clients: number): ReadonlyArray<Finding> => [
  descriptors(facts, clients),
  ports(facts, clients),
  memory(facts, clients),
  {
    what: "processors",
    here: String(facts.cores),
    isEnough: undefined,
    means: facts.cores > 1 ? "one process uses one: --processes auto uses all" : "one process uses it"
  },
  {
    what: "Node",
    here: facts.node,
    isEnough: isSupported(facts.node),
    means: isSupported(facts.node) ? "supported" : `install Node ${OLDEST_NODE.join(".")} or newer`
  },
  {
    what: "nats-server",
    here: facts.nats ?? "not found",
    isEnough: undefined,
    means:
      facts.nats === undefined
        ? "only `serve --processes` needs it: `apt-get install nats-server`, or give --nats"
        : "`serve --processes` starts it"
  }
]

const markOf = ({ isEnough }: Finding): string => (isEnough === undefined ? "-" : isEnough ? "ok" : "LOW")

export const rows = (found: ReadonlyArray<Finding>): ReadonlyArray<ReadonlyArray<string>> =>
  found.map((finding) => [markOf(finding), finding.what, finding.here])
