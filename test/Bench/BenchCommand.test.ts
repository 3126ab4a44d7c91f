import { spawn } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Command from "@effect/cli/Command"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { benchCommand } from "../../bench/BenchCommand.ts"
import { parseRange } from "../../bench/Commits.ts"
import { root } from "../../bench/Contender.ts"
import { need } from "../need.ts"

const run = Command.run(benchCommand, { name: "bench", version: "1" })

const bench = async (...args: ReadonlyArray<string>) => {
  const child = spawn("node", ["--import", "tsx", "bench/main.ts", ...args], { cwd: root })
  let stdout = ""
  let stderr = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text
  })
  const [status] = await once(child, "close")
  return { status, stderr, stdout }
}

const read = (file: string) => JSON.parse(fs.readFileSync(file, "utf8"))

describe("the bench command", () => {
  for (const [args, message] of [
    [["--runs", "0"], "--runs 0: expected 1 or more"],
    [
      ["--peers", "uws,foo"],
      "--peers: there is no 'foo'; choose from floor, least-relay, uws, ws, python, socketio, bun, node20, node22, node24, node26, or all"
    ],
    [["--compare", "main"], "--compare main: expected two commits, BEFORE..AFTER"],
    [["--since", "main"], "--since needs --gate"],
    [
      ["--gate", "--since", "no-such-commit"],
      "git rev-parse --verify --short no-such-commit^{commit} failed: is that a commit of this repository?"
    ],
    [["--from", "package.json"], "--from: package.json is not a file of --json"]
  ] as const) {
    it.effect(`the bench command refuses ${args.join(" ")} in one line`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(run(["node", "bench", ...args]))
        assert.strictEqual(error._tag, "BenchError")
        assert.strictEqual("message" in error ? error.message : undefined, message)
      }).pipe(Effect.provide(NodeContext.layer))
    )
  }

  it("the bench command prints what it refuses on its error output, and ends with 1", async () => {
    const expected = { status: 1, stderr: "bench: --runs 0: expected 1 or more\n", stdout: "" }
    assert.deepStrictEqual(await bench("--runs", "0"), expected)
  })

  it("the bench command measures, writes all samples to a file, and shows them again from it", async () => {
    need("gcc")
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bench-test-"))
    const file = path.join(folder, "figures.json")
    try {
      const measured = await bench("--quick", "--scenario", "relay", "--peers", "ws", "--runs", "1", "--json", file)
      assert.strictEqual(measured.status, 0, measured.stderr)
      assert.match(measured.stdout, /Relay\n {2}16 × 16 cells, 1 watcher +server CPU per delivery, µs/)
      assert.match(measured.stdout, /\n {2}effect-c10k +\d+\.\d\d.*\n {2}ws by hand +\d+\.\d\d/)
      const [scenario] = read(file).scenarios
      assert.lengthOf(scenario.cases[0].contenders[0].figures.cpu.samples, 1)
      assert.strictEqual((await bench("--from", file, "--json", `${file}2`)).status, 0)
      assert.deepStrictEqual(read(`${file}2`), read(file))
    } finally {
      fs.rmSync(folder, { recursive: true })
    }
  })
})

describe("the scenario nodes", () => {
  it("the scenario nodes plays one game on several servers that share its log", async () => {
    need("gcc")
    need("nats-server")
    const { status, stderr, stdout } = await bench("--quick", "--scenario", "nodes", "--peers", "none")
    assert.strictEqual(status, 0, stderr)
    for (const title of ["1 node and NATS", "2 nodes and NATS", "3 nodes and NATS"])
      assert.match(stdout, new RegExp(`effect-c10k, ${title} +\\d+\\.\\d\\d `))
  })
})

describe("parseRange", () => {
  it.effect("parseRange takes two commits", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* parseRange("v1..HEAD~2"), ["v1", "HEAD~2"])
    })
  )

  for (const wrong of ["", "..", "a..", "..b", "a..b..c", "a...b"]) {
    it.effect(`parseRange refuses '${wrong}'`, () =>
      Effect.gen(function* () {
        const { message } = yield* Effect.flip(parseRange(wrong))
        assert.include(message, "expected two commits, BEFORE..AFTER")
      })
    )
  }
})
