import { assert, describe, it } from "@effect/vitest"
import * as Address from "../../../src/Cli/Echo/Address.ts"

describe("an address to listen on", () => {
  for (const [text, host, port] of [
    ["8090", "127.0.0.1", 8090],
    ["localhost:0", "localhost", 0],
    ["[::1]:8090", "::1", 8090]
  ] as const)
    it(`is read from ${text}, and written as urls have it`, () => {
      const address = Address.parse(text, "127.0.0.1")
      assert.deepStrictEqual(address, { host, port })
      assert.strictEqual(new URL(`http://${Address.format({ host, port })}/`).port, String(port))
    })

  it("is none without a port, or with one that is too large", () => {
    for (const text of ["", "localhost", "65536", "[::1]"]) assert.isUndefined(Address.parse(text, "127.0.0.1"))
  })
})
