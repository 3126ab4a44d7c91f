import { spawnSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { commandFor } from "../../static/watch/Model/Command.ts"

const game = {
  width: 32,
  height: 32,
  rule: "B3/S23",
  topology: "torus",
  speed: 1,
  start: { type: "random", density: 0.25 }
} as const

describe("Command", () => {
  it("Command leaves out default options", () => {
    assert.strictEqual(commandFor("life", game, "http://localhost:8000"), "life -s 32 -l 1")
  })

  it("Command names another server", () => {
    assert.strictEqual(commandFor("life", game, "https://example.org"), "life -s 32 -l 1 --url wss://example.org")
  })

  it.prop(
    "a shell passes exactly the chosen values to the command",
    [FastCheck.string({ minLength: 1 })],
    ([text]) => {
      const rule = text.replaceAll("\0", "")
      const command = commandFor("printf '%s|'", { ...game, rule }, "http://localhost:8000")
      const { stdout } = spawnSync("sh", ["-c", command], { encoding: "utf8" })
      if (rule !== "B3/S23") assert.strictEqual(stdout, `-s|32|--rule|${rule}|-l|1|`)
    },
    { fastCheck: { numRuns: 30 } }
  )

  it("Command pipes a drawing with more than two states with a header", () => {
    const start = { type: "cells", rle: "CBA$CBA!" } as const
    const command = commandFor("cat #", { ...game, start, rule: "345/2/4" }, "http://localhost:8000")
    assert.strictEqual(spawnSync("sh", ["-c", command], { encoding: "utf8" }).stdout, "x = 0, y = 0\nCBA$CBA!\n")
  })

  it("Command pipes a drawing, at its place", () => {
    const start = { type: "cells", rle: "2$3o!" } as const
    const command = commandFor("cat #", { ...game, start }, "http://localhost:8000")
    const { stdout } = spawnSync("sh", ["-c", command], { encoding: "utf8" })
    assert.strictEqual(stdout, "2$3o!\n")
    assert.strictEqual(command, "printf '%s\\n' '2$3o!' | cat # -p - -C -s 32 -l 1")
  })
})
