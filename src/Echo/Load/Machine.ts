import { readFile } from "node:fs/promises"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as FileDescriptors from "../../WebSocket/Connection/FileDescriptors.ts"

/** A TCP connection of this machine, as `/proc/net/tcp` lists it. */
export interface Socket {
  readonly localAddress: string
  readonly localPort: number
  readonly remotePort: number
  readonly timeWait: boolean
}

/** The limits of this machine. A limit that the system does not report is `Infinity`, so that it never causes a refusal. */
export interface Resources {
  /** The most file descriptors that a process may have open. */
  readonly fileLimit: number
  /** The first and the last ephemeral port. */
  readonly ports: readonly [first: number, last: number]
  /** `net.ipv4.tcp_tw_reuse`: 0 never, 1 always, 2 on loopback. */
  readonly timeWaitReuse: number
  readonly sockets: ReadonlyArray<Socket>
  /** In bytes. */
  readonly availableMemory: number
}

const TIME_WAIT = "06"

const hexToAddress = (hex: string): string => {
  const bytes = Buffer.from(hex.slice(-8), "hex")
  return [...bytes.reverse()].join(".")
}

/** The connections in the text of `/proc/net/tcp` or `tcp6`. The addresses of IPv6 connections are not distinguished. */
export const parseSockets = (text: string): ReadonlyArray<Socket> =>
  text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, local = "", remote = "", state = ""] = line.trim().split(/\s+/)
      const [address, localPort] = local.split(":")
      const remotePort = remote.split(":")[1]
      if (address === undefined || localPort === undefined || remotePort === undefined) return []
      return [
        {
          localAddress: hexToAddress(address),
          localPort: Number.parseInt(localPort, 16),
          remotePort: Number.parseInt(remotePort, 16),
          timeWait: state === TIME_WAIT
        }
      ]
    })

const read = (path: string): Effect.Effect<string> => Effect.promise(() => readFile(path, "utf8").catch(() => ""))

const numbers = (text: string): ReadonlyArray<number> => (text.match(/\d+/g) ?? []).map(Number)

const inspect: Effect.Effect<Resources> = Effect.gen(function* () {
  const [fileLimit, range, reuse, memory, tcp, tcp6] = yield* Effect.all([
    FileDescriptors.limit,
    read("/proc/sys/net/ipv4/ip_local_port_range"),
    read("/proc/sys/net/ipv4/tcp_tw_reuse"),
    read("/proc/meminfo"),
    read("/proc/net/tcp"),
    read("/proc/net/tcp6")
  ])
  const [first = 1024, last = 65535] = numbers(range)
  const available = /MemAvailable:\s+(\d+)/.exec(memory)?.[1]
  return {
    fileLimit,
    ports: [first, last],
    timeWaitReuse: numbers(reuse)[0] ?? 1,
    sockets: [...parseSockets(tcp), ...parseSockets(tcp6)],
    availableMemory: available === undefined ? Infinity : Number(available) * 1024
  }
})

export class Machine extends Context.Tag("effect-c10k/Echo/Machine")<
  Machine,
  { readonly inspect: Effect.Effect<Resources> }
>() {
  static readonly layer: Layer.Layer<Machine> = Layer.succeed(this, { inspect })
}
