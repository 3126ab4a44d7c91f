/** test/Package.test.ts runs the examples as they are when they are copied out. Here one runs from the source, as in a clone. */
import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { examples, startIn } from "./ExampleRuns.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

describe("the examples", () => {
  it("the examples run from the source in a clone", () =>
    examples["chat"]!(startIn(process.execPath, root, "examples/")))

  it("the examples are all run by the test of the package", () => {
    assert.sameMembers(readdirSync(`${root}/examples`), [...Object.keys(examples), "testing", "README.md"])
  })
})
