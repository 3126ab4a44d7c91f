/** In a process of its own, since the flag is the process's. */
import { spawnSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"

/** Prints the bytes of the young generation after objects that survived: while it is held, and after it was released. */
const program = `
import { getHeapSpaceStatistics } from "node:v8"
import * as YoungGeneration from "./src/Cli/YoungGeneration.ts"
const survive = () => {
  const kept = []
  for (let i = 0; i < 400_000; i++) kept.push({ i })
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size
}
YoungGeneration.hold()
const held = survive()
YoungGeneration.release()
console.log(JSON.stringify({ held, released: survive() }))
`

describe("The young generation", () => {
  it("keeps its size while it is held, and grows afterwards", () => {
    const { stderr, stdout } = spawnSync(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", program],
      { encoding: "utf8", env: { PATH: process.env["PATH"] } }
    )
    assert.strictEqual(stderr, "")
    const { held, released } = JSON.parse(stdout)
    assert.isBelow(held, released)
  })
})
