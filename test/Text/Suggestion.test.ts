import { assert, describe, it } from "@effect/vitest"
import * as Suggestion from "../../src/Text/Suggestion.ts"

describe("the name that somebody may have meant", () => {
  it("the name that somebody may have meant is the nearest name, if one is near", () => {
    assert.strictEqual(Suggestion.nearest("glidre", ["pulsar", "glider", "gosper"]), "glider")
    assert.strictEqual(Suggestion.nearest("GLIDER", ["glider"]), "glider")
    assert.strictEqual(Suggestion.nearest("abcdef", ["pulsar"]), undefined)
    assert.strictEqual(Suggestion.nearest("x", []), undefined)
  })
})
