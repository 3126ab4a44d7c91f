import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as ClientAddress from "../../../src/Server/Access/ClientAddress.ts"
import * as DescriptorLimit from "../../../src/Server/Access/DescriptorLimit.ts"
import * as Origin from "../../../src/Server/Access/Origin.ts"
import { TokenBucket } from "../../../src/WebSocket/Connection/TokenBucket.ts"

const host = FastCheck.constantFrom("example.com", "localhost", "127.0.0.1", "[::1]", "a.localhost", "10.0.0.1")
const port = FastCheck.integer({ min: 1, max: 65535 })

describe("Origin", () => {
  it.prop(
    "the server's own origin is let in, whatever the default ports and the case",
    [host, port],
    ([host, port]) => {
      const policy = { allowed: [], local: false }
      assert.isTrue(Origin.isAllowed(policy, `http://${host}:${port}`, `${host.toUpperCase()}:${port}`))
      assert.isTrue(Origin.isAllowed(policy, `https://${host}`, `${host}:443`))
      assert.isTrue(Origin.isAllowed(policy, `http://${host}:80`, host))
      assert.isFalse(Origin.isAllowed(policy, `http://${host}:${port}`, `${host}:${(port % 65535) + 1}`))
      assert.isFalse(Origin.isAllowed(policy, `http://${host}.evil.example:${port}`, `${host}:${port}`))
    }
  )

  it("knows which names are this machine's", () => {
    const policy = { allowed: [], local: true }
    for (const name of ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "x.localhost"])
      assert.isTrue(Origin.isAllowed(policy, `http://${name}:8000`, `${name}:8000`), name)
    for (const name of ["localhost.evil.example", "127.0.0.1.evil.example", "evil.example", "10.0.0.1"])
      assert.isFalse(Origin.isAllowed(policy, `http://${name}:8000`, `${name}:8000`), name)
  })

  it("no text is an origin by mistake", () => {
    assert.strictEqual(Origin.normalise("https://Example.com:443"), "https://example.com")
    assert.strictEqual(Origin.normalise("example.com"), undefined)
    assert.isFalse(Origin.isAllowed({ allowed: [], local: false }, "null", "null"))
  })
})

describe("ClientAddress", () => {
  it.prop(
    "no header of a stranger changes whose a connection is",
    [FastCheck.string(), FastCheck.ipV4()],
    ([text, ip]) => {
      const addressOf = ClientAddress.make(["192.0.2.0/24"])
      FastCheck.pre(!ip.startsWith("192.0.2."))
      assert.strictEqual(addressOf(ip, { "x-forwarded-for": text }), ip)
      assert.strictEqual(addressOf(`::ffff:${ip}`, { "x-forwarded-for": text }), ip)
      // What he wrote himself stands before what the proxy adds.
      assert.strictEqual(addressOf("192.0.2.1", { "x-forwarded-for": `${text.replaceAll(",", "")}, ${ip}` }), ip)
    }
  )

  it("an address in an unknown form, as the last, is the proxy's own matter", () => {
    const addressOf = ClientAddress.make(["192.0.2.1"])
    assert.strictEqual(addressOf("192.0.2.1", { "x-forwarded-for": "unknown" }), "192.0.2.1")
    assert.strictEqual(addressOf("192.0.2.1", {}), "192.0.2.1")
  })

  it("a /64 of IPv6 is one client, however it is written", () => {
    for (const address of ["2001:db8::1", "2001:0db8:0:0:ffff::", "2001:db8:0:0:1:2:3:4"])
      assert.strictEqual(ClientAddress.groupOf(address), "2001:db8:0:0::/64")
    assert.notStrictEqual(ClientAddress.groupOf("2001:db8:0:1::1"), ClientAddress.groupOf("2001:db8::1"))
    assert.strictEqual(ClientAddress.groupOf("203.0.113.7"), "203.0.113.7")
  })

  it("says which proxies are none", () => {
    for (const text of ["10.0.0.0/8", "::1", "fd00::/8"])
      assert.strictEqual(ClientAddress.problemOfProxy(text), undefined)
    for (const text of ["", "proxy", "10.0.0.0/33", "10.0.0.0/x", "fd00::/129", "10.0.0.0/8/8"])
      assert.include(ClientAddress.problemOfProxy(text) ?? "", "expected")
  })
})

describe("DescriptorLimit", () => {
  it.prop(
    "connections and handshakes always fit",
    [FastCheck.integer({ min: 70, max: 10_000_000 }), FastCheck.integer({ min: 1, max: 1_000_000 })],
    ([descriptors, wanted]) => {
      const { maxConnections, maxSockets } = DescriptorLimit.clamp(
        { maxConnections: wanted, maxSockets: Infinity },
        descriptors
      )
      assert.isAtLeast(maxConnections, 1)
      assert.isAtMost(maxConnections, wanted)
      assert.isBelow(maxConnections, maxSockets)
      assert.isBelow(maxSockets, descriptors)
    }
  )
})

describe("TokenBucket", () => {
  it.prop(
    "in no time are more let through than a second's worth and the rate",
    [
      FastCheck.integer({ min: 1, max: 1000 }),
      FastCheck.array(FastCheck.record({ count: FastCheck.integer({ min: 0, max: 3000 }), gap: FastCheck.nat(2000) }))
    ],
    ([rate, bursts]) => {
      const bucket = new TokenBucket(rate, 0)
      let now = 0
      let taken = 0
      for (const { count, gap } of bursts) {
        now += gap
        for (let i = 0; i < count; i++) bucket.take()
        taken += count
        // The reader waits when the bucket is overdrawn, as a connection does.
        if (bucket.isOverdrawn) now += bucket.fill(now)
        assert.isAtMost(taken, rate + (now / 1000) * rate + 1e-6)
      }
    }
  )
})
