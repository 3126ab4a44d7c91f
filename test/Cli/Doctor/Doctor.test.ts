import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Cli from "../../../src/Cli/Cli.ts"
import * as Diagnosis from "../../../src/Cli/Doctor/Diagnosis.ts"
import * as CliRig from "../CliRig.ts"

const large: Diagnosis.Facts = {
  node: "22.1.0",
  platform: "linux",
  cores: 4,
  machine: { fileLimit: 1_048_576, ports: [32768, 60999], timeWaitReuse: 2, availableMemory: 8 * 2 ** 30 },
  nats: "v2.10.0"
}

const low = (facts: Diagnosis.Facts, clients: number) =>
  Diagnosis.findings(facts, clients).filter(({ isEnough }) => isEnough === false)

describe("doctor", () => {
  it("doctor finds nothing too low on a large machine", () => {
    assert.deepStrictEqual(low(large, 10_000), [])
  })

  it.each([
    ["open files", { ...large, machine: { ...large.machine, fileLimit: 1024 } }, /ulimit -n 11088.*--processes/],
    [
      "ports",
      { ...large, machine: { ...large.machine, ports: [60_000, 60_999] } },
      /ip_local_port_range.*127\.0\.0\.10$/
    ],
    ["memory", { ...large, machine: { ...large.machine, availableMemory: 2 ** 26 } }, /need about 247 MiB/],
    ["Node", { ...large, node: "20.18.3" }, /install Node 20\.19 or newer/]
  ] as ReadonlyArray<readonly [string, Diagnosis.Facts, RegExp]>)(
    "doctor says how to raise too few %s",
    (_, facts, remedy) => {
      const [finding, ...others] = low(facts, 10_000)
      assert.isEmpty(others)
      assert.match(finding?.means ?? "", remedy)
    }
  )

  it("doctor does not judge what another system does not report", () => {
    const facts = {
      ...large,
      platform: "darwin",
      machine: { ...large.machine, fileLimit: Infinity, availableMemory: Infinity }
    }
    assert.deepStrictEqual(
      low(facts, 1_000_000).map(({ what }) => what),
      ["ports for connections to one address"]
    )
    assert.match(Diagnosis.findings(facts, 10)[0]?.means ?? "", /^darwin does not report it/)
  })

  it.effect("doctor reports this machine, and fails if a limit is too low", () =>
    Effect.gen(function* () {
      const outputs = new CliRig.Outputs()
      const doctor = (clients: string) =>
        Effect.provide(Cli.run(["node", "effect-c10k", "doctor", "-c", clients]), outputs.layer)
      yield* doctor("1")
      assert.match(outputs.results, /^ok +open files of a process {2}.*\n {6}a server holds about/)
      assert.include(outputs.results, "This machine can hold 1 connection.")
      assert.strictEqual((yield* Effect.flip(doctor("9999999"))).message, "exit status 1")
      assert.match(outputs.results, /\nLOW .*\n/)
    }).pipe(Effect.provide([NodeContext.layer, CliRig.layer]))
  )
})
