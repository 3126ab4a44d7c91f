import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { BenchError } from "../BenchError.ts"
import type { Contender } from "../Contender.ts"
import * as ProcessTree from "../ProcessTree.ts"
import * as ProcStat from "../ProcStat.ts"
import { type Case, connections, type Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

/**
 * The cells of a process of the server, and of one of `life`. The kernel tries every second ephemeral port first, of which there are
 * 14,116 for each address of a server.
 */
const PER_PROCESS = 12_500

/** Each process of the server has a port of its own, so that neighbours are on one process. */
const inProcesses = (contender: Contender, processes: number): Contender => ({
  ...contender,
  server: (port, page) => {
    const program = contender.server!(port, page)
    const own = ["--processes", processes, "--advertise", `ws://127.0.0.1:${port + 1}`]
    // Pings, recordings, and the time in which a worker must answer are not for so many cells on one machine.
    const limits = ["--heartbeat", "10m", "--history", "off", "--first-message-timeout", "30m", "--nats-keep", "1GiB"]
    return { ...program, args: [...program.args, ...own, ...limits] }
  }
})

/** Waits until all processes are listed with their ports. */
const allListed = (port: number, processes: number) =>
  Effect.tryPromise(async () => {
    const response = await fetch(`http://127.0.0.1:${port}/nodes.json`, { headers: { connection: "close" } })
    return ((await response.json()) as { readonly nodes: ReadonlyArray<unknown> }).nodes.length
  }).pipe(
    Effect.orElseSucceed(() => 0),
    Effect.repeat({ schedule: Schedule.spaced("500 millis"), until: (listed) => listed >= processes }),
    Effect.timeoutFail({
      duration: "5 minutes",
      onTimeout: () => new BenchError({ message: `${processes} processes did not start within 5 minutes` })
    })
  )

/** An object of `life --json`. */
interface Progress {
  readonly phase: string
  readonly step: number
  readonly checked?: number
  readonly elapsedMs?: number
}

const progressIn = (file: string): ReadonlyArray<Progress> =>
  fs
    .readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Progress)

/** The sides of the games; `SIDES=1000` in the environment plays the million. */
const SIDES = (process.env["SIDES"] ?? "200,400").split(",").map(Number)

const play = (side: number, steps: number, perProcess: number): Case => {
  const cells = side * side
  const processes = Math.max(2, Math.ceil(cells / perProcess))
  return {
    points: [connections(cells)],
    // Peers have no such option. Only commits of this project have a help text.
    takesPart: ({ help, life }) => help !== undefined && life !== undefined,
    measure: (contender) =>
      Effect.gen(function* () {
        const folder = yield* Effect.acquireRelease(
          Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "bench-cells-"))),
          (folder) => Effect.sync(() => fs.rmSync(folder, { recursive: true, force: true }))
        )
        const available = ProcStat.available()
        const server = yield* Server.start(inProcesses(contender, processes))
        yield* allListed(server.port, processes)
        const file = path.join(folder, "figures.json")
        const program = contender.life!(server.port, side, steps)
        const args = [...program.args, "--processes", processes, "--check", "--json", file]
        const begun = performance.now()
        const life = yield* ProcessTree.start({ ...program, args })
        let running: { readonly at: number; readonly server: ProcStat.Usage; readonly life: ProcStat.Usage } | undefined
        let least = available
        let memory = { server: 0, life: 0 }
        const sample = Effect.gen(function* () {
          least = Math.min(least, ProcStat.available())
          const usage = { server: yield* server.usage, life: yield* life.usage }
          memory = {
            server: Math.max(memory.server, usage.server.memory),
            life: Math.max(memory.life, usage.life.memory)
          }
          const last = fs.existsSync(file) ? progressIn(file).at(-1) : undefined
          if (running === undefined && last !== undefined && last.step >= 0)
            running = { at: performance.now(), ...usage }
          return usage
        })
        let usage = yield* sample
        const status = yield* Effect.raceFirst(
          life.exited,
          Effect.forever(
            Effect.zipRight(
              Effect.sleep("2 seconds"),
              Effect.map(sample, (next) => {
                usage = next
              })
            )
          )
        )
        const last = fs.existsSync(file) ? progressIn(file).at(-1) : undefined
        if (status !== 0 || last?.checked !== steps + 1)
          return yield* new BenchError({ message: `life ended with status ${status}: ${yield* life.output}` })
        const deliveries = 8 * cells * Math.max(1, steps)
        const cpuOf = (of: "server" | "life") => ((usage[of].cpu - (running?.[of].cpu ?? 0)) / deliveries) * 1e6
        const seconds = (last.elapsedMs ?? 0) / 1000
        return [
          {
            step: seconds / steps,
            checked: last.checked,
            server: cpuOf("server"),
            life: cpuOf("life"),
            start: (performance.now() - begun) / 1000 - seconds,
            serverMemory: memory.server / cells / 1024,
            lifeMemory: memory.life / cells / 1024,
            machine: (available - least) / 2 ** 30
          }
        ]
      })
  }
}

export const millionCells: Scenario = {
  name: "million-cells",
  title: "Games of very many cells",
  about:
    "`life --processes --check` plays a game on `serve --processes --advertise`, with 12,500 cells for each process of both. Each cell is a WebSocket client, and every " +
    "state of every step is compared with a simulation. CPU is counted from the first whole step on, without that of nats-server, and the figure of `life` contains the referee. " +
    "Memory in use is that of all processes and of the kernel, for both ends of the connections. This scenario runs only when it is named, because it takes most of a machine of 24 GiB.",
  isRare: true,
  metrics: [
    { key: "step", label: "seconds a step", unit: "s", better: "lower", digits: 2 },
    { key: "checked", label: "steps with every cell right", unit: "", better: "higher", digits: 0 },
    { key: "server", label: "server CPU per delivery", unit: "µs", better: "lower", digits: 2 },
    { key: "life", label: "client CPU per delivery", unit: "µs", better: "lower", digits: 2 },
    { key: "start", label: "until the first step", unit: "s", better: "lower", digits: 0 },
    { key: "serverMemory", label: "server memory per cell", unit: "KiB", better: "lower", digits: 1 },
    { key: "lifeMemory", label: "client memory per cell", unit: "KiB", better: "lower", digits: 1 },
    { key: "machine", label: "memory in use, kernel included", unit: "GiB", better: "lower", digits: 1 }
  ],
  cases: (scale) => (scale === "quick" ? [play(16, 10, 128)] : SIDES.map((side) => play(side, 20, PER_PROCESS)))
}
