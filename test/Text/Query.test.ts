import { describe, expect, it } from "vitest"
import { queryOf } from "../../src/Text/Query.ts"

describe("queryOf", () => {
  it.each([
    ["/test/http/", []],
    ["/test/http/?", []],
    [
      "/?a=1&a=2&b=%C3%A9+x",
      [
        ["a", "1"],
        ["a", "2"],
        ["b", "é x"]
      ]
    ],
    ["/?a=1?b=2", [["a", "1?b=2"]]],
    ["//[?a=%zz", [["a", "%zz"]]],
    ["http://[bad/?a=1", [["a", "1"]]]
  ])("queryOf of %s", (url, expected) => {
    expect([...queryOf(url)]).toEqual(expected)
  })
})
