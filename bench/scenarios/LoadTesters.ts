import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { BenchError } from "../BenchError.ts"
import * as Contender from "../Contender.ts"
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
