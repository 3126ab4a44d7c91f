import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { bundled } from "../../scripts/bundled.ts"
import { BenchError } from "../BenchError.ts"
import * as Contender from "../Contender.ts"
import * as Driver from "../Driver.ts"
import * as PeerPackages from "../PeerPackages.ts"
import { peers } from "../Peers.ts"
import type { Program } from "../ProcessTree.ts"
import { type Case, connections, type Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"
import { wholeRun } from "../WholeRun.ts"

/** A load: connections are opened within two seconds, and each sends a number of messages, one after the reply to the last. */
interface Load {
  readonly url: string
  readonly connections: number
  readonly messages: number
  /** The pause after each reply, in seconds. */
  readonly pause: number
}

const OPENING = 2

/** How a tool runs this load. */
interface Tool {
  readonly script: (load: Load) => string
  readonly run: (file: string, load: Load) => Program
}

const artilleryFolder = path.join(Contender.peersFolder, "artillery")

const artillery: Contender.Contender = { name: "artillery", title: "Artillery", slowness: 8 }

const artilleryTool: Tool = {
  script: ({ connections, messages, pause, url }) => `config:
  target: ${url}
  phases: [{duration: ${OPENING}, arrivalCount: ${connections}}]
scenarios:
  - engine: ws
    flow:
      - loop:
          - send: {payload: {n: "{{ $loopCount }}"}, match: {json: $.n, value: "{{ $loopCount }}"}}
${pause === 0 ? "" : `          - think: ${pause}\n`}        count: ${messages}
`,
  run: (file) => ({
    command: path.join(artilleryFolder, "node_modules/.bin/artillery"),
    args: ["run", "--quiet", file],
    cwd: artilleryFolder
  })
}

const echoTool = ({ echoClients }: Contender.Contender): Tool => ({
  script: ({ messages, pause }) => `steps:
  - repeat:
      times: ${messages}
      steps:
        - send: {json: {n: "{{round | number}}"}}
        - expect: {json: {n: "{{round | number}}"}}
${pause === 0 ? "" : `        - wait: ${pause}s\n`}`,
  run: (file, { connections, url }) => {
    const { args = [], command = "node", cwd = Contender.root } = echoClients?.(0, 1, 1) ?? {}
    const own = args.slice(0, args.indexOf("echo") + 1)
    const load = ["--url", url, "--scenario", file, "--clients", connections, "--ramp", `random:${OPENING}s`, "--quiet"]
    return { command, args: [...own, ...load], cwd }
  }
})

const toolOf = (contender: Contender.Contender): Tool | undefined => {
  if (contender.name === artillery.name) return artilleryTool
  return contender.help === undefined || contender.echoClients === undefined ? undefined : echoTool(contender)
}

/** A server in C++, so that the server does not limit the tools. */
const server = peers.find(({ name }) => name === "uws")

const scriptFile = (text: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "bench-load-"))),
      (folder) => Effect.sync(() => fs.rmSync(folder, { recursive: true }))
    ),
    (folder) => {
      const file = path.join(folder, "load.yml")
      fs.writeFileSync(file, text)
      return file
    }
  )

const load = (points: Case["points"], given: Omit<Load, "url">, scaled: boolean): Case => ({
  points,
  takesPart: (contender) => toolOf(contender) !== undefined,
  measure: (contender) =>
    Effect.gen(function* () {
      const tool = toolOf(contender)
      if (tool === undefined || server === undefined) {
        return yield* new BenchError({ message: `${contender.title} is no load tester, or there is no server for it` })
      }
      const { port } = yield* Server.start(server)
      const messages = scaled ? Math.ceil(given.messages / contender.slowness) : given.messages
      const all = { ...given, messages, url: `ws://127.0.0.1:${port}/test/echo/` }
      const file = yield* scriptFile(tool.script(all))
      const { cpu, memory, seconds } = yield* wholeRun(contender.title, tool.run(file, all))
      const count = messages * given.connections
      return [{ cpu: (cpu / count) * 1e6, memory: memory / 2 ** 20, rate: count / seconds / 1000 }]
    })
})

const PAUSE = 1

const paced = (count: number, messages: number): Case =>
  load([connections(count)], { connections: count, messages, pause: PAUSE }, false)

const packages = Effect.zipRight(server?.prepare ?? Effect.void, PeerPackages.installIn(artilleryFolder))

const cpu = {
  key: "cpu",
  label: "CPU of the tool per 1,000 messages",
  unit: "ms",
  better: "lower",
  digits: 1
} as const
const memory = { key: "memory", label: "memory of the tool, peak", unit: "MiB", better: "lower", digits: 0 } as const

/** A load that both tools can make. */
export const loadTesters: Scenario = {
  name: "load-testers",
  title: "Load testers",
  about:
    "The same load by `echo` and by Artillery, on a server in C++. Every connection sends a JSON message a second " +
    "for ten seconds, and the tool checks each reply. Processor time is that of all processes of the tool, and " +
    "includes its start and the connecting.",
  metrics: [cpu, memory],
  also: [artillery],
  prepare: packages,
  cases: (scale) => (scale === "quick" ? [paced(100, 2)] : [paced(2000, 10), paced(5000, 10)])
}

/** The highest load that each tool can make. */
export const loadTestersBusy: Scenario = {
  name: "load-testers-busy",
  title: "Load testers, as fast as they can",
  about:
    "100 connections. Each sends the next message when it has the reply to the one before, and the tool checks " +
    "every reply. Messages a second are those of the whole run, from the start of the command to its end.",
  metrics: [{ key: "rate", label: "messages checked", unit: "1,000/s", better: "higher", digits: 1 }, cpu, memory],
  also: [artillery],
  prepare: packages,
  cases: (scale) => [
    load(
      [{ title: "100 connections" }],
      { connections: 100, messages: scale === "quick" ? 80 : 10_000, pause: 0 },
      true
    )
  ]
}

const cClient: Contender.Contender = { name: "c-client", title: "client in C", slowness: 1 }
const leastClient: Contender.Contender = {
  name: "least-client",
  title: "the least client on the same connections",
  slowness: 1
}

const echoText = (messages: number): string => `steps:
  - repeat:
      times: ${messages}
      steps:
        - send: "{{client}} Spam? {{round}}"
        - expect: "{{client}} Spam? {{round}}"
`

/** The program with which a contender sends this many messages on each of some connections, and checks the same text. */
const echoing = (contender: Contender.Contender, port: number, count: number, messages: number) => {
  const url = `ws://127.0.0.1:${port}/test/echo/`
  const own = { cwd: Contender.root }
  switch (contender.name) {
    case cClient.name: {
      // It waits for a line between two stages.
      const run = `printf '\\n\\n\\n\\n' | "$0" "$@"`
      const args = [port, "/test/echo/", messages * count, 0, count]
      return Effect.succeed({ ...own, command: "sh", args: ["-c", run, Driver.binary("echo"), ...args] })
    }
    case leastClient.name: {
      const args = [bundled("bench/servers/leastClients.ts"), url, count, messages]
      return Effect.succeed({ ...own, command: "node", args })
    }
    default:
      return Effect.map(scriptFile(echoText(messages)), (file) =>
        echoTool(contender).run(file, { url, connections: count, messages, pause: 0 })
      )
  }
}

/** Two runs, of which one is longer. Their difference has no start in it. */
const perMessage = (count: number, [short, long]: readonly [short: number, long: number]): Case => ({
  points: [connections(count)],
  takesPart: (contender) => [cClient, leastClient].includes(contender) || toolOf(contender) !== undefined,
  measure: (contender) =>
    Effect.gen(function* () {
      if (server === undefined) return yield* new BenchError({ message: "there is no server for load testers" })
      const { port } = yield* Server.start(server)
      const cpuOf = (messages: number) =>
        Effect.flatMap(echoing(contender, port, count, messages), (program) => wholeRun(contender.title, program))
      const first = yield* cpuOf(short)
      const second = yield* cpuOf(long)
      return [{ cpu: ((second.cpu - first.cpu) / ((long - short) * count)) * 1e6 }]
    })
})

/** What the logic of the tool costs beside that of its connections. */
export const loadTestersLogic: Scenario = {
  name: "load-testers-logic",
  title: "A load tester's own logic",
  about:
    "100 connections. Each sends a text with its number and round, checks that the same text comes back, and sends the next one. " +
    "Processor time is what 500,000 messages take more than 100,000, so that it has no start in it. The least client uses the same " +
    "connections as `echo`, without a scenario and without measurements: what `echo` needs more is its own logic.",
  metrics: [{ key: "cpu", label: "CPU of the tool per message", unit: "µs", better: "lower", digits: 2 }],
  also: [leastClient, cClient],
  prepare: Effect.zipRight(server?.prepare ?? Effect.void, Driver.prepare("echo")),
  cases: (scale) => [perMessage(100, scale === "quick" ? [10, 100] : [1000, 5000])]
}
