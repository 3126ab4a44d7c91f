import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { EchoOptions } from "../../../src/Cli/Echo/EchoOptions.ts"
import * as EchoPlan from "../../../src/Cli/Echo/EchoPlan.ts"

const none = Option.none<never>()
const some = Option.some

const defaults: EchoOptions = {
  clients: 10_000,
  delay: 60,
  urls: [],
  scenario: none,
  ramp: none,
  rate: none,
  duration: none,
  message: none,
  timeout: "30s",
  processes: 1,
  localAddress: none,
  thresholds: [],
  abortOn: [],
  streams: [],
  json: none,
  csv: none,
  html: none,
  seed: none,
  ca: none,
  force: false,
  plain: false
}

const planOf = (changes: Partial<EchoOptions>) => EchoPlan.make({ ...defaults, ...changes })

describe("EchoPlan", () => {
  it.effect("is the C10k demo unless told otherwise", () =>
    Effect.gen(function* () {
      const plan = yield* planOf({})
      assert.deepStrictEqual(plan.urls, ["ws://localhost:8000/test/ws/"])
      assert.deepStrictEqual(plan.ramp, { _tag: "Random", over: 120_000 })
      assert.strictEqual(plan.scenario.steps.length, 11)
      assert.strictEqual(plan.clients, 10_000)
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.effect("echoes texts where only a rate is given", () =>
    Effect.gen(function* () {
      const plan = yield* planOf({ rate: some(100), duration: some("1m"), message: some("n {{message}}") })
      assert.deepStrictEqual(plan.urls, ["ws://localhost:8000/test/echo/"])
      assert.deepStrictEqual(plan.ramp, { _tag: "Rate", perSecond: 1000 })
      assert.strictEqual(plan.duration, 60_000)
      assert.deepStrictEqual(plan.scenario.steps[0]?.repeat?.steps[0], { send: "n {{message}}" })
    }).pipe(Effect.provide(NodeContext.layer))
  )

  const refusals: ReadonlyArray<readonly [Partial<EchoOptions>, string]> = [
    [{ clients: 0 }, "--clients 0: expected a whole number from 1"],
    [{ delay: -1 }, "--delay -1: expected seconds"],
    [{ delay: Number.NaN }, "--delay NaN: expected seconds"],
    [{ urls: ["http://localhost/"] }, "--url http://localhost/: expected a WebSocket url"],
    [{ urls: ["localhost:8000"] }, "expected a WebSocket url"],
    [{ ramp: some("slow") }, "--ramp slow: expected random:TIME"],
    [{ timeout: "600h" }, "--timeout 600h: expected a time up to 1h"],
    [{ urls: ["ws://localhost/{{user}}"] }, "--url ws://localhost/{{user}}: no step before this sets {{user}}"],
    [{ timeout: "0" }, "--timeout 0: expected a time over 0"],
    [{ duration: some("soon") }, "--duration soon: expected a time over 0"],
    [{ processes: 0 }, "--processes 0: expected a whole number from 1"],
    [{ processes: 3, clients: 2 }, "--processes 3: expected a whole number from 1 to 2"],
    [{ rate: some(10) }, "--rate needs --duration"],
    [{ rate: some(0), duration: some("1s") }, "--rate 0: expected messages a second"],
    [{ message: some("x") }, "--message goes with --rate"],
    [
      { rate: some(1), duration: some("1s"), message: some("{{user}}") },
      "--message: no step before this sets {{user}}"
    ],
    [{ localAddress: some("here") }, '--local-address: "here" is not an address'],
    [{ scenario: some("/nowhere.yaml") }, "/nowhere.yaml: cannot be read"],
    [{ ca: some("/nowhere.pem") }, "--ca /nowhere.pem: cannot be read"]
  ]
  it.effect.each(refusals)("refuses %j in one line", ([changes, words]) =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(planOf(changes))
      assert.include(message, words)
      assert.notInclude(message, "\n")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it("refuses to end a run for what is known at its end only", () => {
    const of = (bar: string) => EchoPlan.abortOn({ ...defaults, abortOn: [bar] })
    assert.isTrue(Either.isRight(of("rtt.p99[10s]>1s")))
    assert.isTrue(Either.isRight(of("failed.timeout>3")))
    assert.include(Either.getOrThrow(Either.flip(of("connect.p99>1s"))).message, "known at the end of a run only")
    assert.include(Either.getOrThrow(Either.flip(of("faild>1"))).message, "did you mean failed?")
  })
})
