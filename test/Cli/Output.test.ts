/** Where commands write, and what they do when an output breaks. As child processes, with real pipes and full disks. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Writable } from "node:stream"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { channel } from "../../src/Cli/Output.ts"
import { program } from "../program.ts"
import { run, served } from "./processes.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-c10k-output-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

/** Runs a command and reads its standard output only until `enough`. Returns its status and its errors. */
const readFirst = (args: ReadonlyArray<string>, enough = /./) =>
  Effect.promise(async () => {
    const child = spawn(process.execPath, [...program(), ...args], { cwd: root })
    let errors = ""
    child.stderr.on("data", (data) => {
      errors += String(data)
    })
    let first = ""
    while (!enough.test(first)) first += String((await once(child.stdout, "data"))[0])
    child.stdout.destroy()
    const [status] = await once(child, "close")
    return { status: status as number, first, errors }
  })

describe("standard output", () => {
  it.scopedLive("standard output has only the pattern with --output -, so that it can be played again", () =>
    Effect.gen(function* () {
      const { at } = yield* served
      const game = ["-p", "glider", "-s", "6", "-n", "4", "-l", "1000"]
      const { errors, output, status } = yield* run(["life", ...at, ...game, "--output", "-"])
      assert.strictEqual(status, 0, errors)
      assert.match(output, /^#CXRLE Pos=-3,-3 Gen=4\nx = 6, y = 6, rule = B3\/S23:T6,6\n[bo0-9$\n]+!\n$/)
      assert.match(errors, /step 4; 5 of 36 cells are alive/)
    })
  )

  it.scopedLive("standard output that is closed ends a game without a message, and its last step is written", () =>
    Effect.gen(function* () {
      const { at } = yield* served
      const file = join(yield* folder, "last.rle")
      const game = ["-p", "blinker", "-s", "5", "-l", "20", "--json", "--output", file]
      const { errors, first, status } = yield* readFirst(["life", ...at, ...game])
      assert.match(first, /^\{"format":2,"phase":/)
      assert.strictEqual(status, 141)
      assert.strictEqual(errors, "")
      assert.match(readFileSync(file, "utf8"), /^x = 5, y = 5/m)
    })
  )

  it.scopedLive("standard output that is closed ends a run of echo, and its files have the figures until then", () =>
    Effect.gen(function* () {
      const { at } = yield* served
      const path = yield* folder
      const [json, html] = [join(path, "run.json"), join(path, "run.html")]
      const load = ["--url", `${at[1]}/test/echo/`, "-c", "2", "--rate", "50", "--duration", "10m", "--quiet"]
      // It is cut at any moment, also before a planned message has left.
      const anyLoad = ["--threshold", "unsent>=0"]
      const files = ["--stream", "jsonl=-", "--json", json, "--html", html]
      // The first seconds may have no reply.
      const { errors, first, status } = yield* readFirst(["echo", ...load, ...anyLoad, ...files], /"received":[1-9]/)
      assert.match(first, /^\{"type":"start"/)
      assert.strictEqual(status, 141)
      assert.strictEqual(errors, "")
      assert.isAbove(JSON.parse(readFileSync(json, "utf8")).figures.received, 0)
      assert.include(readFileSync(html, "utf8"), "</html>")
    })
  )

  it.live("standard output that is full is an error", () =>
    Effect.map(run(["life", "patterns"], { after: ">/dev/full" }), ({ errors, status }) => {
      assert.strictEqual(status, 1)
      assert.match(errors, /^effect-c10k: standard output cannot be written: ENOSPC[^\n]*\n$/)
    })
  )
})

describe("a terminal", () => {
  it("a terminal without a size has 80 columns", () => {
    const terminal = Object.assign(new Writable(), { isTTY: true, columns: 0 })
    assert.strictEqual(channel(terminal, () => {}).columns(), 80)
    terminal.columns = 40
    assert.strictEqual(channel(terminal, () => {}).columns(), 40)
  })
})
