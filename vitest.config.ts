import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

/** Tests of pure code and of services in memory, which never wait for real time. `npm run check` runs them. */
const fastTests = [
  "test/{Text,Protocol}/**/*.test.ts",
  "test/Docs.test.ts",
  "test/Life/{Pattern,Universe,Referee}/**/*.test.ts",
  "test/Life/Game/{Cell,Onset,OpeningGame,Pace,ToldSteps}.test.ts",
  "test/Echo/{Scenario,Measure}/**/*.test.ts",
  "test/Echo/Report/{Comparison,LiveView,PlainLines,Threshold}.test.ts",
  "test/Bench/{Bars,Charts,Statistics,Table}.test.ts",
  "test/Cli/{Help,Options,Signals}.test.ts",
  "test/Cli/Game/*.test.ts",
  "test/Log/MemoryLogs.test.ts",
  "test/Server/Game/{BarrierState,Relay,StartupBarrier}.test.ts",
  "test/WebSocket/{Frames,Conversation}/**/*.test.ts"
]

/** Servers and clients in the process of the test. `npm test` runs them beside those that start browsers and processes. */
const sharedTests = ["test/WebSocket/{Api,Client,Connection,Http,Topic}/**/*.test.ts", "test/Echo/Load/**/*.test.ts"]

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

/** The files that take longest. */
const longTests = ["Package", "Page/Layout", "Page/Programs"].map((name) => `/test/${name}.test.ts`)

/**
 * Starts `longTests` first, so that none of them runs last while a processor is idle. vitest does this only with the durations of
 * an earlier run, which a fresh clone does not have; without them it starts large files first.
 */
class LongTestsFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const isLong = ({ moduleId }: TestSpecification) => longTests.some((path) => moduleId.endsWith(path))
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    // Most test files wait for processes and browsers more than they compute, so there are more workers than processors.
    minWorkers: 1,
    maxWorkers: Math.max(3, availableParallelism()),
    sequence: { sequencer: LongTestsFirst },
    projects: [
      {
        test: {
          ...shared,
          name: "fast",
          include: fastTests,
          poolOptions: oneProcess,
          sequence: { groupOrder: 0 }
        }
      },
      {
        test: {
          ...shared,
          name: "shared",
          include: sharedTests,
          poolOptions: oneProcess,
          sequence: { groupOrder: 0 }
        }
      },
      {
        test: {
          ...shared,
          name: "streams",
          include: streamTests,
          env: { EFFECT_C10K_DIRECT_IO: "false" },
          poolOptions: oneProcess,
          sequence: { groupOrder: 0 }
        }
      },
      {
        test: {
          ...shared,
          name: "tests",
          include: ["test/**/*.test.ts"],
          exclude: [...fastTests, ...sharedTests, ...nightlyTests],
          globalSetup: "test/program.setup.ts",
          sequence: { groupOrder: 0 }
        }
      },
      {
        test: {
          ...shared,
          name: "long",
          include: nightlyTests,
          globalSetup: "test/program.setup.ts",
          sequence: { groupOrder: 0 }
        }
      }
    ]
  }
})
