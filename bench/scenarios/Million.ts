import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Nodes from "../../scripts/Nodes.ts"
import { BenchError } from "../BenchError.ts"
import type { Contender } from "../Contender.ts"
import * as Driver from "../Driver.ts"
import type { Figures } from "../Metric.ts"
import * as ProcStat from "../ProcStat.ts"
import { type Case, connections, type Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

/** The connections per process with 20,000 file descriptors. This leaves room because the kernel distributes connections unevenly. */
const PER_SERVER = 18_000
/**
 * The connections of one driver, which has its own loopback address. The kernel has 28,232 ephemeral ports and tries every second
 * one first. When these are used up, each search goes through all of them and takes a millisecond.
 */
const PER_DRIVER = 12_500
const IN_FLIGHT = 20

/**
 * The project's server in several processes, on the newest Node, with which they can share the port. By default each connection is
 * pinged after 30 silent seconds. For a million connections this would be 33,000 pings per second, which take two cores.
 */
const inProcesses = (contender: Contender, processes: number): Contender => ({
  ...contender,
  server: (port, page) => {
    const program = contender.server!(port, page)
    const command = Nodes.isSupported ? join(Nodes.newest.path, "node") : program.command
    return { ...program, command, args: [...program.args, "--processes", processes, "--heartbeat", "10m"] }
  }
})

/** Waits until all processes accept connections, by their metrics. */
const allListening = (port: number, processes: number) =>
  Effect.tryPromise(async () => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: "close" } })
    return [...(await response.text()).matchAll(/^process_start_time_seconds\{/gm)].length
  }).pipe(
    Effect.orElseSucceed(() => 0),
    Effect.repeat({ schedule: Schedule.spaced("200 millis"), until: (listening) => listening >= processes }),
    Effect.timeoutFail({
      duration: "3 minutes",
      onTimeout: () => new BenchError({ message: `${processes} processes did not start within 3 minutes` })
    })
  )

const sum = (figures: ReadonlyArray<Figures>, key: string): number =>
  figures.reduce((total, each) => total + (each[key] ?? 0), 0)
const most = (figures: ReadonlyArray<Figures>, key: string): number =>
  Math.max(...figures.map((each) => each[key] ?? 0))

const keepOpen = (counts: ReadonlyArray<number>): Case => {
  const all = counts.at(-1)!
  const processes = Math.max(2, Math.ceil(all / PER_SERVER))
  const drivers = Math.max(2, Math.ceil(all / PER_DRIVER))
  const shares = counts.map((count) => Math.ceil(count / drivers))
  return {
    points: counts.map(connections),
    // Peers have no such option. Only commits of this project have a help text.
    takesPart: ({ help }) => help !== undefined,
    measure: (contender) =>
      Effect.gen(function* () {
        const server = yield* Server.start(inProcesses(contender, processes))
        yield* allListening(server.port, processes)
        const before = { ...(yield* server.usage), kernel: ProcStat.kernelSlab(), available: ProcStat.available() }
        const clients = yield* Effect.forEach(
          Array.from({ length: drivers }, (_, index) => index + 2),
          (host) =>
            Driver.start("echo", [server.port, "/test/echo/", 1, IN_FLIGHT, ...shares], { SOURCE: `127.0.0.${host}` })
        )
        const stage = (name: string) =>
          Effect.forEach(clients, (client) => client.stage(name), { concurrency: "unbounded" })
        const figures: Array<Figures> = []
        for (const [index, share] of shares.entries()) {
          const open = share * drivers
          const added = open - (shares[index - 1] ?? 0) * drivers
          const start = yield* server.usage
          const opened = yield* stage("open")
          const accepted = yield* server.usage
          const echoed = yield* stage("echoed")
          const after = yield* server.usage
          const perConnection = (bytes: number) => bytes / open / 1024
          figures.push({
            open: sum(echoed, "count"),
            accepted: added / most(opened, "run_s"),
            memory: perConnection(after.memory - before.memory),
            kernel: perConnection(ProcStat.kernelSlab() - before.kernel),
            machine: (before.available - ProcStat.available()) / 2 ** 30,
            cpu: ((accepted.cpu - start.cpu) / added) * 1e6,
            echo: ((after.cpu - accepted.cpu) / open) * 1e6,
            seconds: most(echoed, "run_s")
          })
        }
        return figures
      })
  }
}

export const million: Scenario = {
  name: "million",
  title: "A million connections",
  about:
    "Connections to `/test/echo/` of one `serve --processes` are opened from many loopback addresses and held. At " +
    "each number of connections in the table, each connection sends one text at the same time and gets the same " +
    "text back. `--heartbeat` is 10 minutes. The servers' memory is the growth of their 56 processes since they " +
    "began to listen. About 20 MiB for each process do not depend on connections, and most of that is V8's young " +
    "generation; so the figure is highest where each process holds few connections. One more connection takes 2.3 " +
    "KiB. Memory in use is that of all processes and of the kernel, for both ends of the connections. This " +
    "scenario runs only when it is named, because it takes most of a machine of 24 GiB.",
  isRare: true,
  prepare: Effect.try({
    try: () => Nodes.isSupported && Nodes.install([Nodes.newest]),
    catch: (error) => new BenchError({ message: String(error) })
  }),
  metrics: [
    { key: "held", label: "connections that answered", unit: "", better: "higher", digits: 0 },
    { key: "memory", label: "server memory per connection", unit: "KiB", better: "lower", digits: 2 },
    { key: "kernel", label: "kernel memory, both ends", unit: "KiB", better: "lower", digits: 2 },
    { key: "machine", label: "memory in use, clients included", unit: "GiB", better: "lower", digits: 1 },
    { key: "cpu", label: "server CPU per accepted connection", unit: "µs", better: "lower", digits: 0 },
    { key: "accepted", label: "accepted", unit: "1/s", better: "higher", digits: 0 },
    { key: "echo", label: "server CPU per echo", unit: "µs", better: "lower", digits: 1 },
    { key: "seconds", label: "until all had their echo", unit: "s", better: "lower", digits: 1 }
  ],
  cases: (scale) => [keepOpen(scale === "quick" ? [1000, 2000] : [100_000, 250_000, 500_000, 1_000_000])]
}
