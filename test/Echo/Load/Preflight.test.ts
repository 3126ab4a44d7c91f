import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as LocalAddress from "../../../src/Echo/Load/LocalAddress.ts"
import { parseSockets, type Resources } from "../../../src/Echo/Load/Machine.ts"
import * as Preflight from "../../../src/Echo/Load/Preflight.ts"
import { plan } from "../plan.ts"

const machine: Resources = {
  fileLimit: 20_000,
  ports: [32768, 60999],
  timeWaitReuse: 2,
  sockets: [],
  availableMemory: 2 ** 34
}

const busy = (count: number, timeWait: boolean): Resources["sockets"] =>
  Array.from({ length: count }, (_, i) => ({
    localAddress: "127.0.0.1",
    localPort: 32768 + i,
    remotePort: 8000,
    timeWait
  }))

const of = (clients: number, changes: Parameters<typeof plan>[1] = {}) =>
  plan(60_000, { clients, urls: ["ws://localhost:8000/test/ws/"], ...changes })

describe("Preflight", () => {
  it("Preflight accepts a run if all resources suffice", () => {
    assert.deepStrictEqual(Preflight.check(of(10_000), 1, machine), [])
  })

  it("Preflight says how many descriptors are needed and allowed, and what to do", () => {
    const [problem] = Preflight.check(of(25_000), 1, machine)
    assert.include(problem, "25,000 clients at one time need 25,040 file descriptors")
    assert.include(problem, "20,000 are allowed")
    assert.include(problem, "`ulimit -n 25040`")
    assert.include(problem, "--processes 2")
    assert.deepStrictEqual(Preflight.check(of(25_000), 2, machine), [])
  })

  it("Preflight says how many ports there are, and which addresses would be enough", () => {
    const [problem] = Preflight.check(of(100_000), 8, machine)
    assert.include(problem, "the range 32768-60999 has 28,232")
    assert.include(problem, "--local-address 127.0.0.1-127.0.0.4")
    const addresses = Either.getOrThrow(LocalAddress.parse("127.0.0.1-127.0.0.4"))
    assert.deepStrictEqual(Preflight.check(of(100_000, { localAddresses: addresses }), 8, machine), [])
  })

  it("Preflight counts two paths of one server as one target", () => {
    const urls = ["ws://localhost:8000/a", "ws://localhost:8000/b"] as const
    assert.include(Preflight.check(of(50_000, { urls }), 4, machine)[0], "need as many ports")
  })

  it("Preflight counts only those clients that can be connected at one time", () => {
    const scenario = { ...plan(0).scenario, steps: [{ send: "a" }, { expect: "a" }] }
    const short = of(60_000, { scenario, ramp: { _tag: "Rate", perSecond: 20 }, timeout: 30_000 })
    assert.deepStrictEqual(Preflight.check(short, 1, machine), [])
    assert.isNotEmpty(Preflight.check({ ...short, duration: 1000 }, 1, machine))
    // 100 a second for ten minutes: each client leaves after its conversation.
    const stages = [{ _tag: "Rate", from: 100, to: 100, over: 600_000 }] as const
    const arriving = { ...short, ramp: { _tag: "Stages", stages }, duration: 600_000, arrivals: {} } as const
    assert.deepStrictEqual(Preflight.check(arriving, 1, machine), [])
    // Nor does it matter how many replies a conversation has.
    const steps = [{ repeat: { times: 20, steps: [{ send: "a" }, { expect: "a" }] } }, { wait: 5000 }]
    assert.deepStrictEqual(Preflight.check({ ...arriving, scenario: { ...scenario, steps } }, 1, machine), [])
    const long = { ...scenario, steps: [...steps, { wait: 300_000 }] }
    assert.include(Preflight.check({ ...arriving, scenario: long }, 1, machine)[0], "36,501 clients at one time")
    assert.isNotEmpty(Preflight.check({ ...short, ramp: { _tag: "Rate", perSecond: 1000 } }, 1, machine))
  })

  it("Preflight spreads over several urls", () => {
    const urls = ["ws://localhost:8000/", "ws://localhost:8001/"] as const
    assert.deepStrictEqual(Preflight.check(of(50_000, { urls }), 4, machine), [])
  })

  it("Preflight checks the URLs of all scenarios, each for its part of the clients", () => {
    const { scenario } = plan(60_000)
    const to = (url: string, weight: number) => ({
      weight,
      scenario: { ...scenario, connect: { ...scenario.connect, url } }
    })
    const shared = (...scenarios: ReadonlyArray<ReturnType<typeof to>>) => ({
      scenario: scenarios[0]!.scenario,
      scenarios
    })
    const few = shared(to("ws://localhost:8000/", 1), to("ws://localhost:8001/", 3))
    assert.deepStrictEqual(Preflight.check(of(37_000, few), 4, machine), [])
    const [problem, ...others] = Preflight.check(of(40_000, few), 4, machine)
    assert.include(problem, "30,000 connections from one address to localhost:8001 need as many ports")
    assert.include(problem, "--local-address 127.0.0.1-127.0.0.2")
    assert.deepStrictEqual(others, [])
    const one = shared(to("ws://localhost:8000/a", 1), to("ws://localhost:8000/b", 1))
    assert.include(
      Preflight.check(of(30_000, one), 4, machine)[0],
      "30,000 connections from one address to localhost:8000"
    )
    const inUse = { ...machine, sockets: busy(10_000, false).map((socket) => ({ ...socket, remotePort: 8001 })) }
    assert.include(Preflight.check(of(25_000, few), 4, inUse)[0], "10,000 of them in use")
  })

  it("Preflight counts no ports for a scenario over a Unix socket, but for the others", () => {
    const { scenario } = plan(60_000)
    const unix = { ...scenario, connect: { ...scenario.connect, unixSocket: "/run/server.sock" } }
    const scenarios = [
      { weight: 1, scenario: unix },
      { weight: 1, scenario }
    ]
    assert.deepStrictEqual(Preflight.check(of(50_000, { scenario: unix, scenarios }), 4, machine), [])
    assert.include(Preflight.check(of(60_000, { scenario: unix, scenarios }), 4, machine)[0], "30,000 connections")
    assert.deepStrictEqual(Preflight.check(of(60_000, { scenario: unix }), 4, machine), [])
  })

  it("Preflight counts ports in use, and those in TIME_WAIT where they are not reused", () => {
    assert.include(
      Preflight.check(of(18_500), 1, { ...machine, sockets: busy(10_000, false) })[0],
      "10,000 of them in use"
    )
    assert.deepStrictEqual(Preflight.check(of(18_500), 1, { ...machine, sockets: busy(10_000, true) }), [])
    assert.include(
      Preflight.check(of(18_500), 1, { ...machine, timeWaitReuse: 0, sockets: busy(10_000, true) })[0],
      "in use"
    )
  })

  it("Preflight says how much memory is missing", () => {
    const [problem] = Preflight.check(of(10_000), 1, { ...machine, availableMemory: 2 ** 27 })
    assert.match(problem ?? "", /10,000 clients at one time need about \d+ MiB of memory, and 128 MiB are available/)
  })
})

describe("LocalAddress", () => {
  it("LocalAddress expands ranges", () => {
    assert.deepStrictEqual(
      LocalAddress.parse("10.0.0.255-10.0.1.1,::1"),
      Either.right(["10.0.0.255", "10.0.1.0", "10.0.1.1", "::1"])
    )
  })
  for (const text of [
    "",
    "localhost",
    "127.0.0.4-127.0.0.1",
    "::1-::4",
    "1.2.3.4-1.2.3.5-1.2.3.6",
    "0.0.0.0-9.9.9.9"
  ]) {
    it(`LocalAddress refuses "${text}"`, () =>
      assert.include(Either.getOrThrow(Either.flip(LocalAddress.parse(text))), "expected addresses"))
  }
})

describe("Machine", () => {
  it("Machine reads the connections of /proc/net/tcp", () => {
    const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:8123 0200007F:1F40 06 00000000:00000000 03:00000176 00000000     0        0 0 3 0000000000000000
`
    assert.deepStrictEqual(parseSockets(text), [
      { localAddress: "127.0.0.1", localPort: 0x8123, remotePort: 8000, timeWait: true }
    ])
  })
})
