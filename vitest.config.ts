import { fileURLToPath } from "node:url"
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config"

/** Tests of pure code and of services in memory, which never wait for real time. `npm run check` runs them. */
const fastTests = [
  "test/{Text,Time,Protocol}/**/*.test.ts",
  "test/{Docs,Names}.test.ts",
  "test/Life/{Pattern,Universe,Referee}/**/*.test.ts",
  "test/Life/Game/{Cell,CellConnector,MergedStates,NodePlacement,Onset,Pace,PublishedSteps}.test.ts",
  "test/Echo/{Scenario,Measure}/**/*.test.ts",
  "test/Echo/Report/{Comparison,LiveView,PlainLines,Threshold}.test.ts",
  "test/Bench/{Bars,Charts,Statistics,Table}.test.ts",
  "test/Cli/{Help,Options,Signals}.test.ts",
  "test/Cli/Game/*.test.ts",
  "test/Log/{LogEnd,MemoryLogs,LogWriter,Snapshots}.test.ts",
  "test/Server/Game/{BarrierState,KeptStates,Relay,StartupBarrier}.test.ts",
  "test/WebSocket/{Frames,Conversation}/**/*.test.ts"
]

/** Servers and clients in the process of the test. */
const sharedTests = [
  "test/WebSocket/{Api,Client,Connection,Http,Topic}/**/*.test.ts",
  "test/Echo/Load/**/*.test.ts",
  "test/Cli/Echo/EchoWorkers.test.ts"
]

/** Those of them in which bytes are read and written. They run a second time with Node's streams in place of our own ways. */
const streamTests = [
  "test/WebSocket/{Connection,Http}/{Connection,Queues,MemoryBudget,Unread,Reactor,Dial,Client,DirectUpgrades}.test.ts"
]

/** What takes long and seldom breaks: `npm run test:long` runs them, each night and before a release. */
const nightlyTests = [
  "test/Bench/{Measure,BenchCommand}.test.ts",
  "test/Chaos/{Life,Strangers}.test.ts",
  "test/Cli/Life/LongGame.test.ts",
  "test/Cli/Echo/AgentCommand.test.ts",
  "test/Cli/Recording/Recording.test.ts",
  "test/Cli/Serve/Processes.test.ts",
  "test/Log/Cluster.test.ts",
  "test/Page/{Accessibility,Timeline}.test.ts",
  "test/Server/SlowReaders.test.ts",
  "test/Server/MemoryBudget.test.ts",
  "test/Life/Game/SocketGames.test.ts"
]

/** The examples import the package by its name; here, as in `tsconfig.json`, this is the source. */
const alias = [
  { find: /^effect-c10k$/, replacement: fileURLToPath(new URL("src/index.ts", import.meta.url)) },
  { find: /^effect-c10k\/Channels$/, replacement: fileURLToPath(new URL("src/Channels/index.ts", import.meta.url)) },
  { find: /^effect-c10k\/testing$/, replacement: fileURLToPath(new URL("src/testing.ts", import.meta.url)) }
]

/** `test/limits.ts` sets the limits of tests and hooks. */
const shared = { alias, setupFiles: ["test/limits.setup.ts"] }

/** One process loads Effect and the sources once, and runs all files of the project, one after the other. */
const oneProcess = { forks: { singleFork: true, isolate: false } }

/** These use the built command line. */
const withProgram = { globalSetup: "test/program.setup.ts", exclude: [...fastTests, ...sharedTests, ...nightlyTests] }

const project = (name: string, options: Partial<TestProjectInlineConfiguration["test"]>) => ({
  test: { ...shared, name, poolOptions: oneProcess, sequence: { groupOrder: 0 }, ...options }
})

/** Projects that `npm test` runs at the same time: each waits most of its time, for processes, browsers or timers. */
export default defineConfig({
  test: {
    projects: [
      project("fast", { include: fastTests }),
      project("shared", { include: sharedTests }),
      project("pages", { include: ["test/Page/**/*.test.ts"], ...withProgram }),
      project("servers", { include: ["test/{Channels,Server}/**/*.test.ts"], ...withProgram }),
      project("logs", { include: ["test/{Echo,Life,Log}/**/*.test.ts"], ...withProgram }),
      project("commands", { include: ["test/Cli/**/*.test.ts"], ...withProgram }),
      // All the rest, so that no file is in no project.
      project("package", {
        ...withProgram,
        include: ["test/**/*.test.ts"],
        exclude: [...withProgram.exclude, "test/{Page,Channels,Server,Echo,Life,Log,Cli}/**"]
      }),
      project("streams", { include: streamTests, env: { EFFECT_C10K_DIRECT_IO: "false" } }),
      project("long", { include: nightlyTests, globalSetup: "test/program.setup.ts" })
    ]
  }
})
