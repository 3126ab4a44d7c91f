import { spawn } from "node:child_process"
import { once } from "node:events"
import { assert, describe, it } from "@effect/vitest"
import { parseStage } from "../../bench/Driver.ts"
import { parseProcStat, parseRss, parseWrites, sessionUsage } from "../../bench/ProcStat.ts"

const line = (name: string) =>
  `123 (${name}) S 1 123 77 0 -1 4194304 500 0 0 0 250 50 7 3 20 0 11 0 100 1000000 2500 184467 1 1 0 0`

describe("ProcStat", () => {
  it("ProcStat adds own and children's user and system time", () => {
    assert.deepStrictEqual(parseProcStat(line("node")), { session: 77, ticks: 310 })
  })

  it("ProcStat reads a line whose command has a difficult name", () => {
    assert.deepStrictEqual(parseProcStat(line("a) S 9 9 (9")), { session: 77, ticks: 310 })
  })

  it("ProcStat accepts a process that has ended", () => {
    assert.isUndefined(parseProcStat(""))
    assert.strictEqual(parseRss(""), 0)
  })

  it("ProcStat reads resident memory", () => {
    assert.strictEqual(parseRss("55a0-7ffc ---p 0 00:00 0 [rollup]\nRss:    2048 kB\nPss:   100 kB\n"), 2 * 2 ** 20)
  })

  it("ProcStat reads the number of writes", () => {
    assert.strictEqual(parseWrites("rchar: 7\nwchar: 8\nsyscr: 9\nsyscw: 123\nread_bytes: 0\n"), 123)
    assert.strictEqual(parseWrites(""), 0)
  })

  it("ProcStat measures a session with all its processes", async () => {
    const burn = "const end = process.cpuUsage().user + 3e5; while (process.cpuUsage().user < end); console.log('done')"
    const child = spawn("sh", ["-c", `node -e "${burn}; setInterval(() => {}, 1000)"; true`], {
      detached: true,
      stdio: ["ignore", "pipe", "inherit"]
    })
    await once(child.stdout, "data")
    const usage = sessionUsage(child.pid!)
    process.kill(-child.pid!, "SIGKILL")
    assert.isAtLeast(usage.cpu, 0.29)
    assert.isAbove(usage.memory, 20 * 2 ** 20)
    await once(child, "exit")
  })
})

describe("parseStage", () => {
  it("parseStage takes the name and the numbers", () => {
    assert.deepStrictEqual(parseStage("stage=open count=3 run_s=0.5"), {
      name: "open",
      figures: { count: 3, run_s: 0.5 }
    })
  })
})
