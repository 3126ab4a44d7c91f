import { defineConfig } from "vitest/config"

const aloneTests = "test/**/*.alone.test.ts"

const shared = { testTimeout: 30_000, hookTimeout: 60_000 } as const

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: "tests",
          include: ["test/**/*.test.ts"],
          exclude: [aloneTests],
          sequence: { groupOrder: 0 }
        }
      },
      {
        // Thousands of connections, or figures of time: one file after the other, with the machine to itself.
        test: {
          ...shared,
          name: "alone",
          include: [aloneTests],
          poolOptions: { forks: { singleFork: true } },
          sequence: { groupOrder: 1 }
        }
      }
    ]
  }
})
