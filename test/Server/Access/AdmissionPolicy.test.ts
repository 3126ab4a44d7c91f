import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as DescriptorLimit from "../../../src/Server/Access/DescriptorLimit.ts"
import { TokenBucket } from "../../../src/WebSocket/Connection/TokenBucket.ts"
import * as ClientAddress from "../../../src/WebSocket/Http/ClientAddress.ts"
import * as Origin from "../../../src/WebSocket/Http/Origin.ts"

const host = FastCheck.constantFrom("example.com", "localhost", "127.0.0.1", "[::1]", "a.localhost", "10.0.0.1")
const port = FastCheck.integer({ min: 1, max: 65535 })

const isOwn = (
  origin: string,
  host: string,
  names: ReadonlyArray<string> = [],
  isSecure = origin.startsWith("https")
) => Origin.isOwn({ origin, host, isSecure }, new Set(names))

describe("Origin", () => {
  it.prop(
    "a page of the server's own scheme, host and port is its own, whatever the default ports and the case",
    [host, port],
    ([host, port]) => {
      const names = ["example.com"]
      assert.isTrue(isOwn(`http://${host}:${port}`, `${host.toUpperCase()}:${port}`, names))
      assert.isTrue(isOwn(`https://${host}`, `${host}:443`, names))
      assert.isTrue(isOwn(`http://${host}:80`, host, names))
      assert.isFalse(isOwn(`http://${host}:${port}`, `${host}:${(port % 65535) + 1}`, names))
      assert.isFalse(isOwn(`http://${host}.evil.example:${port}`, `${host}:${port}`, names))
      assert.isFalse(isOwn(`https://${host}:${port}`, `${host}:${port}`, names, false))
      assert.isFalse(isOwn(`http://${host}:${port}`, `${host}:${port}`, names, true))
    }
  )

  it("a name is the server's only if it was configured, or is an address or localhost", () => {
    for (const name of ["localhost", "127.0.0.1", "[::1]", "x.localhost", "10.0.0.1", "[fd00::1]", "LIFE.example"])
      assert.isTrue(isOwn(`http://${name}:8000`, `${name}:8000`, ["life.example"]), name)
    for (const name of [
      "localhost.evil.example",
      "127.0.0.1.evil.example",
      "evil.example",
      "x.life.example",
      "notlocalhost"
    ])
      assert.isFalse(isOwn(`http://${name}:8000`, `${name}:8000`, ["life.example"]), name)
  })

  it("invalid origins and hosts are refused", () => {
    assert.strictEqual(Origin.normalise("https://Example.com:443"), "https://example.com")
    assert.strictEqual(Origin.normalise("example.com"), undefined)
    assert.isFalse(isOwn("null", "null"))
    assert.strictEqual(Origin.normaliseHost("Example.com"), "example.com")
    assert.strictEqual(Origin.normaliseHost("fd00::0:1"), "[fd00::1]")
    for (const text of ["", "http://a", "a:80", "a/b", "a b", "u@a"])
      assert.strictEqual(Origin.normaliseHost(text), undefined, text)
  })
})

const addressBehind =
  (proxy: string) =>
  (peer: string, headers: Readonly<Record<string, string>>): string =>
    ClientAddress.make([proxy])(peer, headers).address

describe("ClientAddress", () => {
  it.prop(
    "no header of an untrusted client changes the address of its connection",
    [FastCheck.string(), FastCheck.ipV4()],
    ([text, ip]) => {
      const addressOf = addressBehind("192.0.2.0/24")
      FastCheck.pre(!ip.startsWith("192.0.2."))
      assert.strictEqual(addressOf(ip, { "x-forwarded-for": text }), ip)
      assert.strictEqual(addressOf(`::ffff:${ip}`, { "x-forwarded-for": text }), ip)
      // An address that the client wrote itself stands before the one that the proxy adds.
      assert.strictEqual(addressOf("192.0.2.1", { "x-forwarded-for": `${text.replaceAll(",", "")}, ${ip}` }), ip)
    }
  )

  it("if the last address has an unknown form, the client is the proxy", () => {
    const addressOf = addressBehind("192.0.2.1")
    assert.strictEqual(addressOf("192.0.2.1", { "x-forwarded-for": "unknown" }), "192.0.2.1")
    assert.strictEqual(addressOf("192.0.2.1", {}), "192.0.2.1")
  })

  it("an address may be forwarded with its port, in brackets, or as IPv4 in IPv6", () => {
    const addressOf = addressBehind("::ffff:192.0.2.1")
    for (const [entry, address] of [
      ["203.0.113.7:4711", "203.0.113.7"],
      ["[2001:db8::1]:4711", "2001:db8::1"],
      ["[2001:db8::1]", "2001:db8::1"],
      ['"[2001:db8::1]:4711"', "2001:db8::1"],
      ["::ffff:203.0.113.7", "203.0.113.7"],
      ["::ffff:cb00:7107", "203.0.113.7"],
      ["0:0:0:0:0:FFFF:203.0.113.7", "203.0.113.7"],
      ["203.0.113.7:x", "192.0.2.1"],
      ["[203.0.113.7", "192.0.2.1"]
    ] as const)
      assert.strictEqual(addressOf("192.0.2.1", { "x-forwarded-for": entry }), address, entry)
  })

  it("the scheme is the one that a trusted proxy says, and not one that others say", () => {
    const clientOf = ClientAddress.make(["192.0.2.1"])
    assert.strictEqual(clientOf("192.0.2.1", { "x-forwarded-proto": "HTTPS, http" }).scheme, "https")
    assert.isUndefined(clientOf("192.0.2.1", {}).scheme)
    assert.isUndefined(clientOf("203.0.113.7", { "x-forwarded-proto": "https" }).scheme)
  })

  it("ClientAddress knows this machine's addresses, of both families", () => {
    for (const address of ["127.0.0.1", "127.9.9.9", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"])
      assert.isTrue(ClientAddress.isLoopback(address), address)
    for (const address of [
      "128.0.0.1",
      "127.0.0.1.example.com",
      "127.1",
      "::2",
      "::",
      "1::1",
      "fe80::1",
      "::ffff:8.8.8.8",
      ""
    ])
      assert.isFalse(ClientAddress.isLoopback(address), address)
  })

  it("a /64 of IPv6 is one client, however it is written", () => {
    for (const address of ["2001:db8::1", "2001:0db8:0:0:ffff::", "2001:db8:0:0:1:2:3:4"])
      assert.strictEqual(ClientAddress.groupOf(address), "2001:db8:0:0::/64")
    assert.notStrictEqual(ClientAddress.groupOf("2001:db8:0:1::1"), ClientAddress.groupOf("2001:db8::1"))
    assert.strictEqual(ClientAddress.groupOf("203.0.113.7"), "203.0.113.7")
  })

  it("ClientAddress names invalid proxies", () => {
    for (const text of ["10.0.0.0/8", "::1", "fd00::/8"])
      assert.strictEqual(ClientAddress.problemOfProxy(text), undefined)
    for (const text of ["", "proxy", "10.0.0.0/33", "10.0.0.0/x", "fd00::/129", "10.0.0.0/8/8"])
      assert.include(ClientAddress.problemOfProxy(text) ?? "", "expected")
  })
})

describe("DescriptorLimit", () => {
  it.prop(
    "the limits of connections and handshakes always fit the descriptors",
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
    "in no period are more let through than one second's worth and the rate",
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
        // The test waits when the bucket is overdrawn, as a reader does.
        if (bucket.isOverdrawn) now += bucket.fill(now)
        assert.isAtMost(taken, rate + (now / 1000) * rate + 1e-6)
      }
    }
  )

  it.prop(
    "who does not wait gets the whole tokens that are left, and those of the time since",
    [FastCheck.integer({ min: 1, max: 100 }), FastCheck.integer({ min: 1, max: 1000 }), FastCheck.nat(5000)],
    ([rate, most, pause]) => {
      const bucket = new TokenBucket(rate, 0, most)
      const takeAll = (now: number) => {
        let taken = 0
        while (bucket.tryTake(now)) taken++
        return taken
      }
      assert.strictEqual(takeAll(0), most)
      assert.strictEqual(takeAll(pause), Math.min(most, Math.floor((pause / 1000) * rate)))
    }
  )
})
