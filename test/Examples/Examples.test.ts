/** Each example runs, from the source. test/Package.test.ts runs them as they are when they are copied out. */
import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { examples, startIn } from "./ExampleRuns.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

describe("the examples", () => {
  for (const [name, run] of Object.entries(examples))
    it(`${name} runs`, () => run(startIn(process.execPath, root, "examples/")))

  it("are all run", () => {
    assert.sameMembers(readdirSync(`${root}/examples`), [...Object.keys(examples), "testing", "README.md"])
  })
})
