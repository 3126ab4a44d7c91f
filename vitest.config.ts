import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

/** Pure code and in-memory services that wait for no real time: what `npm run check` runs. */
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

/** Thousands of connections, or figures of time: one file after the other, with the machine to itself. */
const aloneTests = ["test/**/*.alone.test.ts"]

/** What the examples import, as in `tsconfig.json`: the source. */
const alias = [{ find: /^effect-c10k$/, replacement: fileURLToPath(new URL("src/index.ts", import.meta.url)) }]

/** A machine that others use too may stand still for seconds: only what hangs is to fail by its time. */
const shared = { alias, testTimeout: 60_000, hookTimeout: 120_000 }

/** Such a machine can upset what waits for browsers, child processes and timers. `scripts/test.ts` lists each test that needed it. */
const oneMoreAttempt = { retry: 1 }

export default defineConfig({
  test: {
    // Most files wait, for processes and browsers, more than they compute.
    minWorkers: 1,
    maxWorkers: Math.max(3, availableParallelism()),
    projects: [
      {
        test: {
          ...shared,
          ...oneMoreAttempt,
          name: "fast",
          include: fastTests,
          exclude: aloneTests,
          sequence: { groupOrder: 0 }
        }
      },
      {
        test: {
          ...shared,
          ...oneMoreAttempt,
          name: "tests",
          include: ["test/**/*.test.ts"],
          exclude: [...aloneTests, ...fastTests],
          globalSetup: "test/program.setup.ts",
          sequence: { groupOrder: 0 }
        }
      },
      {
        test: {
          ...shared,
          ...oneMoreAttempt,
          name: "alone",
          include: aloneTests,
          globalSetup: "test/program.setup.ts",
          poolOptions: { forks: { singleFork: true } },
          sequence: { groupOrder: 1 }
        }
      }
    ]
  }
})
