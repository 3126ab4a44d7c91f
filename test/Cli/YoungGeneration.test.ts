/** Runs in its own process, because the flag is for the whole process. */
import { spawnSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"

/** Prints the size of the young generation in bytes after many objects have survived: while it is pinned, and after that. */
const program = `
import { getHeapSpaceStatistics } from "node:v8"
import * as YoungGeneration from "./src/Cli/YoungGeneration.ts"
const survive = () => {
  const kept = []
  for (let i = 0; i < 400_000; i++) kept.push({ i })
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size
}
YoungGeneration.pin()
const pinned = survive()
YoungGeneration.unpin()
console.log(JSON.stringify({ pinned, unpinned: survive() }))
`

describe("The young generation", () => {
  it("The young generation keeps its size while it is pinned, and grows afterwards", () => {
    const { stderr, stdout } = spawnSync(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", program],
      { encoding: "utf8", env: { PATH: process.env["PATH"] } }
    )
    assert.strictEqual(stderr, "")
    const { pinned, unpinned } = JSON.parse(stdout)
    assert.isBelow(pinned, unpinned)
  })
})
