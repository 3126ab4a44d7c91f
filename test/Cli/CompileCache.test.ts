import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import * as module from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"

const run = (env: Readonly<Record<string, string>>) =>
  spawnSync(process.execPath, ["--import", "tsx", "src/main.ts", "--version"], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...env }
  })

describe("The compile cache", () => {
  it("The compile cache is in the user's folder if Node supports it, and nothing depends on it", () => {
    const folder = mkdtempSync(join(tmpdir(), "compile-cache-"))
    try {
      const { status, stdout } = run({ XDG_CACHE_HOME: folder })
      assert.strictEqual(status, 0)
      assert.strictEqual(existsSync(join(folder, "effect-c10k")), "enableCompileCache" in module)
      const nowhere = run({ XDG_CACHE_HOME: "/dev/null" })
      assert.strictEqual(nowhere.status, 0, nowhere.stderr)
      assert.strictEqual(nowhere.stdout, stdout)
      assert.strictEqual(nowhere.stderr, "")
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
