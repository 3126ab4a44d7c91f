import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { EchoOptions } from "../../../src/Cli/Echo/EchoOptions.ts"
import * as EchoPlan from "../../../src/Cli/Echo/EchoPlan.ts"
import * as Stages from "../../../src/Echo/Scenario/Stages.ts"
import * as Template from "../../../src/Echo/Scenario/Template.ts"

/** The path for a scenario in a folder of its own, in which these files are there too. */
const scenarioFile = (...others: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped()
    for (const name of others) yield* fs.writeFileString(`${folder}/${name}`, "")
    return `${folder}/scenario.yaml`
  })

const levels = Option.getOrThrow(Stages.parseLevels("0->500 in 30s, 500->0 in 30s"))
const none = Option.none<never>()
const some = Option.some

const defaults: EchoOptions = {
  clients: 10_000,
  delay: none,
  urls: [],
  scenario: none,
  ramp: none,
  rate: none,
  duration: none,
  arrivals: none,
  maxClients: none,
  warmUp: none,
  message: none,
  timeout: 30_000,
  processes: 1,
  agents: Option.none(),
  nats: Option.none(),
  natsCreds: Option.none(),
  repeat: 1,
  find: none,
  findMost: none,
  findWithin: 0.05,
  localAddress: none,
  thresholds: [],
  abortOn: [],
  streams: [],
  json: none,
  csv: none,
  junit: none,
  html: none,
  ui: none,
  seed: none,
  headers: [],
  cookies: [],
  subprotocols: [],
  compress: false,
  ca: none,
  cert: none,
  key: none,
  servername: none,
  insecure: false,
  tlsResume: false,
  proxy: none,
  unixSocket: none,
  force: false,
  plain: false,
  dryRun: false,
  quiet: false
}

const stages = [{ _tag: "Rate", from: 5, to: 5, over: 2000 }] as const

const planOf = (changes: Partial<EchoOptions>) => EchoPlan.make({ ...defaults, ...changes })

describe("EchoPlan", () => {
  it.effect("EchoPlan keeps braces in the query of a URL, which are no placeholder", () =>
    Effect.gen(function* () {
      const plan = yield* planOf({ urls: ["ws://localhost/?q={{'{{'}}x}}"] })
      assert.strictEqual(Template.compile(plan.urls[0])(Template.sample), "ws://localhost/?q={{x}}")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.effect("EchoPlan is the original C10k demo by default", () =>
    Effect.gen(function* () {
      const plan = yield* planOf({})
      assert.deepStrictEqual(plan.urls, ["ws://localhost:8000/test/ws/"])
      assert.deepStrictEqual(plan.ramp, { _tag: "Random", over: 120_000 })
      assert.strictEqual(plan.scenario.steps.length, 11)
      assert.strictEqual(plan.clients, 10_000)
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.effect("EchoPlan echoes texts if only a rate is given", () =>
    Effect.gen(function* () {
      const plan = yield* planOf({ rate: some(100), duration: some(60_000), message: some("n {{message}}") })
      assert.deepStrictEqual(plan.urls, ["ws://localhost:8000/test/echo/"])
      assert.deepStrictEqual(plan.ramp, { _tag: "Rate", perSecond: 1000 })
      assert.strictEqual(plan.duration, 60_000)
      assert.deepStrictEqual(plan.scenario.steps[0]?.repeat?.steps[0], { send: "n {{message}}" })
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.effect("EchoPlan computes clients and duration from a schedule, whose beginning is the warm-up", () =>
    Effect.gen(function* () {
      const plan = yield* planOf({ arrivals: some(stages), maxClients: some(3), warmUp: some(500) })
      assert.deepStrictEqual(
        { clients: plan.clients, most: plan.arrivals?.most, duration: plan.duration, warmUp: plan.warmUp },
        { clients: 10, most: 3, duration: 1500, warmUp: 500 }
      )
      const paced = yield* planOf({ rate: some([{ _tag: "Rate", from: 0, to: 100, over: 4000 }]) })
      assert.deepStrictEqual({ rate: paced.rate, duration: paced.duration }, { rate: 50, duration: 4000 })
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("EchoPlan refuses a scenario that can't be run with its line, before its setup", () =>
    Effect.gen(function* () {
      const refused = (text: string, changes: Partial<EchoOptions> = {}) =>
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem
          const file = yield* scenarioFile("a.js")
          yield* fs.writeFileString(file, text)
          yield* fs.writeFileString(file.replace("scenario.yaml", "a.csv"), "n\n1\n2\n")
          const { message } = yield* Effect.flip(planOf({ scenario: some(file), ...changes }))
          return message.replace(file, "s.yaml")
        })
      const connect = "connect: {url: 'ws://localhost/'}\n"
      const once = `${connect}data:\n  t: {file: a.csv, rows: once}\nsteps: [{send: "{{t.n}}"}]\n`
      assert.include(
        yield* refused(once),
        "s.yaml:3: data.t: 2 rows, each of which is used once, are too few for 10,000"
      )
      // A dry run has one client.
      assert.include(yield* refused(`${once}thresholds: [x<1]\n`, { dryRun: true }), "s.yaml:5: thresholds[1]: ")
      const meant = "http://x.de/: expected a WebSocket URL; did you mean ws://x.de/?"
      assert.strictEqual(
        yield* refused("steps: [{send: a}]\nconnect:\n  headers: {a: b}\n  url: http://x.de/\n"),
        `s.yaml:4: connect.url: ${meant}`
      )
      assert.strictEqual(
        yield* refused(
          "connect: {url: 'ws://x.de/'}\nscenarios:\n  - {name: a, steps: [{send: a}]}\n  - name: b\n    connect:\n      url: http://x.de/\n    steps: [{send: a}]\n"
        ),
        `s.yaml:6: scenarios[2].connect.url: ${meant}`
      )
      assert.strictEqual(
        yield* refused("connect: {url: 'http://x.de/'}\nscenarios:\n  - {name: a, steps: [{send: a}]}\n"),
        `s.yaml:1: connect.url: ${meant}`
      )
      const ends = "the connection ends here: make this step the last one, outside of any repeat"
      assert.strictEqual(
        yield* refused(
          `${connect}steps:\n  - send: a\n  - repeat:\n      times: 2\n      steps:\n        - close: 1000\n`
        ),
        `s.yaml:7: steps[2].repeat.steps[1]: ${ends}`
      )
      assert.strictEqual(
        yield* refused(`${connect}setup:\n  - close: 1000\n  - send: a\nsteps: [{wait: 1}]\n`),
        `s.yaml:3: setup[1]: ${ends}`
      )
      const endless = `protocol: socket.io\n${connect}scenarios:\n  - name: a\n    steps:\n      - emit: {event: a}\n      - repeat: {steps: [{emit: {event: b}}]}\n`
      assert.strictEqual(
        yield* refused(endless),
        "s.yaml:7: scenarios[1].steps[2]: scenario a: a repeat without times needs --duration; or give it times"
      )
      assert.include(yield* refused(endless, { duration: some(1000) }), "s.yaml:7: scenarios[1].steps[2]: ")
      assert.match(
        yield* refused(`${connect}abortOn: []\nthresholds:\n  - failed==0\n  - step.no.p99<1s\nsteps: [{send: a}]\n`),
        /^s.yaml:5: thresholds\[2\]: step.no.p99<1s: no figure is named step.no.p99/
      )
      assert.include(
        yield* refused(`${connect}steps:\n  - send: a\n  - k6: {file: a.js}\n`),
        "s.yaml:4: steps[2]: a k6 script"
      )
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scoped("EchoPlan needs no URL for k6 scripts, and one for the scenarios beside them", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const file = yield* scenarioFile("a.js", "b.js")
      const set = (other: string) =>
        fs.writeFileString(
          file,
          `scenarios: [{name: a, steps: [{k6: {file: a.js}}]}, {name: b, weight: 2, steps: [{k6: {file: b.js}}]}${other}]`
        )
      yield* set("")
      const plan = yield* planOf({ scenario: some(file) })
      assert.deepStrictEqual(
        plan.scenarios?.map(({ scenario, weight }) => [scenario.name, weight]),
        [
          ["a", 1],
          ["b", 2]
        ]
      )
      const useless = yield* Effect.flip(planOf({ scenario: some(file), urls: ["ws://localhost/"] }))
      assert.include(useless.message, "a k6 script says itself where it connects")
      yield* set(", {name: c, steps: [{send: a}]}")
      const missing = yield* Effect.flip(planOf({ scenario: some(file) }))
      assert.include(missing.message, "scenario c: there is no URL")
      const mixed = yield* planOf({ scenario: some(file), urls: ["ws://localhost:1/"] })
      assert.deepStrictEqual(
        [mixed.urls[0], mixed.scenarios?.[2]?.scenario.connect.url],
        ["ws://localhost:1/", undefined]
      )
    }).pipe(Effect.provide(NodeContext.layer))
  )

  const refusals: ReadonlyArray<readonly [Partial<EchoOptions>, string]> = [
    [{ urls: ["http://localhost/"] }, "--url http://localhost/: expected a WebSocket URL"],
    [{ urls: ["localhost:8000"] }, "expected a WebSocket URL"],
    [{ ramp: some("slow") }, "--ramp slow: expected random:TIME"],
    [{ urls: ["ws://localhost/{{user}}"] }, "--url ws://localhost/{{user}}: no step before this sets {{user}}"],
    [{ processes: 3, clients: 2 }, "--processes 3: expected at most the number of clients, 2"],
    [{ rate: some(10) }, "--rate needs --duration"],
    [{ delay: some(1000), scenario: some("/nowhere.yaml") }, "--delay is for the built-in conversation"],
    [{ delay: some(1000), rate: some(1), duration: some(1000) }, "--delay is for the built-in conversation"],
    [{ arrivals: some(stages), rate: some(1) }, "leave out --rate"],
    [{ clients: levels, duration: some(5) }, "leave out --duration"],
    [{ clients: levels, warmUp: some(60_000) }, "expected a shorter time than the stages take"],
    [{ clients: levels, processes: 501 }, "at most the number of clients, 500"],
    [{ maxClients: some(5) }, "--max-clients needs --arrivals"],
    [{ warmUp: some(5000) }, "--warm-up needs --duration, --rate or --arrivals"],
    [{ arrivals: some(stages), warmUp: some(2000) }, "expected a shorter time than the stages take"],
    [{ message: some("x") }, "--message needs --rate"],
    [
      { rate: some(1), duration: some(1000), message: some("{{user}}") },
      "--message: no step before this sets {{user}}"
    ],
    [{ localAddress: some("here") }, '--local-address: "here" is not an address'],
    [{ scenario: some("/nowhere.yaml") }, "/nowhere.yaml: it cannot be read: there is no such file; check its path"],
    [{ ca: some("/nowhere.pem"), urls: ["wss://localhost/"] }, "--ca /nowhere.pem: it cannot be read"],
    [{ ca: some("/nowhere.pem") }, "--ca is for TLS: use it with a wss: URL"],
    [{ insecure: true, urls: ["ws://localhost/"] }, "--insecure is for TLS: use it with a wss: URL"],
    [{ cert: some(import.meta.filename), urls: ["wss://localhost/"] }, "give both --cert and --key"],
    [{ ca: some(import.meta.filename), urls: ["wss://localhost/"] }, "--ca: the file has no certificate"],
    [
      { cert: some(import.meta.filename), key: some(import.meta.filename), urls: ["wss://localhost/"] },
      "expected PEM that TLS can use"
    ],
    [{ headers: ["Authorization"] }, "--header Authorization: expected a name and a value"],
    [{ headers: ["Host name: x"] }, 'the header name "Host name" is not a token'],
    [{ headers: ["Upgrade: h2c"] }, "the header Upgrade is set by the handshake itself"],
    [{ headers: ["X-User: {{user}}"] }, "--header: no step before this sets {{user}}"],
    [{ cookies: ["session"] }, "--cookie session: expected a name and a value"],
    [{ subprotocols: ["chat v1"] }, 'the subprotocol "chat v1" is not a token'],
    [{ proxy: some("localhost:3128") }, "--proxy localhost:3128: expected http://HOST:PORT"],
    [
      { proxy: some("http://localhost:3128"), unixSocket: some("/tmp/x") },
      "--proxy and --unix-socket can't be combined"
    ],
    [
      { unixSocket: some("/tmp/x"), localAddress: some("127.0.0.1") },
      "--local-address and --unix-socket can't be combined"
    ]
  ]
  it.effect.each(refusals)("EchoPlan refuses %j in one line", ([changes, words]) =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(planOf(changes))
      assert.include(message, words)
      assert.notInclude(message, "\n")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.effect("EchoPlan refuses --abort-on for figures that are known only at the end", () =>
    Effect.gen(function* () {
      const plan = yield* planOf({})
      const of = (bar: string) => EchoPlan.abortOn({ ...defaults, abortOn: [bar] }, plan)
      assert.isTrue(Either.isRight(of("rtt.p99[10s]>1s")))
      assert.isTrue(Either.isRight(of("failed.timeout>3")))
      assert.include(Either.getOrThrow(Either.flip(of("connect.p99>1s"))).message, "known only at the end of a run")
      assert.include(Either.getOrThrow(Either.flip(of("faild>1"))).message, "did you mean failed?")
    }).pipe(Effect.provide(NodeContext.layer))
  )
})
