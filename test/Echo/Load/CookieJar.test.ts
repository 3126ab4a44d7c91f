import { assert, describe, it } from "@effect/vitest"
import { CookieJar } from "../../../src/Echo/Load/CookieJar.ts"

const jarOf = (host: string, ...lines: ReadonlyArray<string>): CookieJar => {
  const jar = new CookieJar()
  for (const line of lines) jar.take(line, host)
  return jar
}

describe("CookieJar", () => {
  it("CookieJar sends a cookie without a domain only to the host that set it", () => {
    const jar = jarOf("a.example", "id=1; Path=/", "theme=dark; Domain=")
    assert.strictEqual(jar.header("a.example"), "id=1; theme=dark")
    assert.strictEqual(jar.header("b.a.example"), undefined)
  })

  it("CookieJar sends a cookie with a domain to the hosts below the domain too", () => {
    const jar = jarOf("a.example", "id=1; Domain=.Example")
    assert.strictEqual(jar.header("b.example"), "id=1")
    assert.strictEqual(jar.header("example.org"), undefined)
  })

  it("CookieJar ignores a cookie for a domain to which the server does not belong", () => {
    assert.strictEqual(jarOf("a.example", "id=1; Domain=b.example").header("a.example"), undefined)
  })

  it("CookieJar replaces a cookie of the same name, and deletes it with a Max-Age of 0", () => {
    assert.strictEqual(jarOf("a.example", "id=1", "id=2").header("a.example"), "id=2")
    assert.strictEqual(jarOf("a.example", "id=1", "id=; Max-Age=0").header("a.example"), undefined)
  })
})
