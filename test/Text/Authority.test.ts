import { assert, describe, it } from "@effect/vitest"
import * as Authority from "../../src/Text/Authority.ts"

describe("an address to listen on", () => {
  for (const [text, host, port] of [
    ["8090", "127.0.0.1", 8090],
    ["localhost:0", "localhost", 0],
    ["[::1]:8090", "::1", 8090]
  ] as const)
    it(`an address to listen on is parsed from ${text}, and formatted as in a url`, () => {
      const authority = Authority.parse(text, "127.0.0.1")
      assert.deepStrictEqual(authority, { host, port })
      assert.strictEqual(new URL(`http://${Authority.format({ host, port })}/`).port, String(port))
    })

  it("an address to listen on is invalid without a port, or with one that is too large", () => {
    for (const text of ["", "localhost", "65536", "[::1]"]) assert.isUndefined(Authority.parse(text, "127.0.0.1"))
  })
})

describe("the authority of a url", () => {
  for (const [url, host, port, text] of [
    ["ws://localhost/chat", "localhost", 80, "localhost:80"],
    ["wss://example.com", "example.com", 443, "example.com:443"],
    ["ws://[::1]:8000/", "::1", 8000, "[::1]:8000"]
  ] as const)
    it(`the authority of a url is parsed from ${url}`, () => {
      const authority = Authority.of(new URL(url))
      assert.deepStrictEqual(authority, { host, port })
      assert.strictEqual(Authority.format(authority), text)
    })
})
