import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { Findings, render } from "../../../src/Cli/Echo/Import/Conversion.ts"
import { convertK6 } from "../../../src/Cli/Echo/Import/K6/K6.ts"
import { rewrite } from "../../../src/Echo/K6/Rewrite.ts"
import { parse } from "../../../src/Echo/K6/Source.ts"
import * as Peer from "../../Echo/Peer.ts"
import * as WsServer from "../../Echo/WsServer.ts"
import { echo, folder } from "./command.ts"

const scripts = mkdtempSync(join(tmpdir(), "k6-"))

/** The scenario, the options, and the notes and refusals. */
const convert = (script: string, wanted?: string) => {
  const file = join(scripts, "it.js")
  writeFileSync(file, script)
  const findings = new Findings()
  const made = convertK6(script, findings, wanted, file)
  const converted = Either.getOrUndefined(made)
  const lines = (list: Findings["notes"]) => list.map(({ line, message }) => `${line}: ${message}`)
  if (converted !== undefined && findings.refusals.length === 0) Either.getOrThrow(render("it.js", "k6", converted))
  return {
    scenario: JSON.stringify(converted?.scenario ?? null).replaceAll(file, "it.js"),
    options: converted?.options.join(" "),
    notes: lines(findings.notes),
    refusals: Either.match(made, {
      onLeft: ({ line, message }) => [`${line}: ${message}`],
      onRight: () => lines(findings.refusals)
    })
  }
}

const withOptions = (options: string, more = "") =>
  `export const options = ${options}\nexport default function () {}\n${more}`

describe("a script of k6 as a scenario", () => {
  it.each([
    ["{}", "--clients 1 --ramp once", []],
    ["{ vus: 3, duration: '1m30s' }", "--clients 3 --ramp once --duration 90s", []],
    [
      "{ stages: [{ duration: '1m30s', target: 10 }, { duration: '0s', target: 5 }, { duration: '1h0m30s', target: 5 }], vus: 2, tags: { a: 'b' } }",
      "--clients 2->10 in 90s, 5 for 3630s",
      ["tags is left out: it has no counterpart"]
    ],
    [
      "{ scenarios: { a: { executor: 'constant-vus', vus: 2, duration: '5s', startTime: '1m', tags: { c: 'd' }, gracefulStop: '3s' } } }",
      "--clients 0 for 60s, 2 for 5s",
      ["a: tags is left out: it has no counterpart"]
    ],
    [
      "{ scenarios: { a: { executor: 'ramping-vus', startVUs: 0, stages: [{ duration: '10s', target: 5 }], gracefulRampDown: '5s' } } }",
      "--clients 0->5 in 10s",
      ["gracefulRampDown is left out: clients that go have the time of gracefulStop, 30s"]
    ],
    [
      "{ vus: 4, iterations: 10, noConnectionReuse: true }",
      "--clients 4 --ramp once",
      [
        "noConnectionReuse is left out: it has no counterpart",
        "10 iterations of 4 clients are 2 for each client, 8 in all"
      ]
    ],
    [
      "{ scenarios: { a: { executor: 'constant-arrival-rate', rate: 300, timeUnit: '1m', duration: '10s', startTime: '5s', preAllocatedVUs: 20 } } }",
      "--arrivals 0/s for 5s, 5/s for 10s --max-clients 20",
      []
    ],
    [
      "{ scenarios: { a: { executor: 'ramping-arrival-rate', startRate: 10, timeUnit: '1s', stages: [{ duration: '10s', target: 50 }], maxVUs: 9 } }, insecureSkipTLSVerify: true }",
      "--arrivals 10->50/s in 10s --max-clients 9 --insecure",
      []
    ],
    [
      "{ thresholds: { checks: ['rate>0.99'], ws_connecting: ['p(95)<500', 'avg<=100'], ws_msgs_sent: ['count>5'], iterations: [{ threshold: 'count<9', abortOnFail: true }], vus: ['value<3'], 'checks{a:b}': ['rate>0.5'] } }",
      "--clients 1 --ramp once --threshold k6.checks.share>0.99 --threshold k6.ws_connecting.p95<500ms --threshold k6.ws_connecting.mean<=100ms --threshold sent>5 --threshold k6.iterations<9 --abort-on k6.iterations>=9",
      [
        "the threshold vus: value<3 is left out: it has no counterpart, see --threshold",
        "the threshold checks{a:b}: rate>0.5 is left out: it has no counterpart, see --threshold"
      ]
    ]
  ])(
    "a script of k6 as a scenario has its load and reports every member that is not read: %s",
    (options, made, left) => {
      const { notes, options: given, refusals } = convert(withOptions(options))
      assert.deepStrictEqual(refusals, [])
      assert.strictEqual(given, made)
      assert.deepStrictEqual(
        notes.map((note) => note.replace(/^1: /, "")),
        left
      )
    }
  )

  it("a script of k6 as a scenario keeps functions, iterations, env, metrics, setup and teardown", () => {
    const { notes, options, scenario } = convert(`import { Trend } from 'k6/metrics'
const time = new Trend('time', true)
export const options = { scenarios: {
  talk: { executor: 'per-vu-iterations', vus: 30, iterations: 5, maxDuration: '1m', exec: 'talk', env: { ROOM: 'a' } },
  'li-sten': { executor: 'per-vu-iterations', vus: 10, exec: 'listen', gracefulStop: '5s', maxDuration: '1m' }
} }
export function setup() { return 1 }
export function talk() {}
export function listen() {}
export function handleSummary() { return {} }
export function teardown() {}`)
    assert.strictEqual(options, "--clients 40 --ramp once")
    assert.deepStrictEqual(notes, ["10: handleSummary is left out: see --json, --html and --junit"])
    assert.deepStrictEqual(JSON.parse(scenario), {
      name: "k6",
      setup: [{ k6: { file: "it.js", function: "setup" } }],
      teardown: [{ k6: { file: "it.js", function: "teardown" } }],
      scenarios: [
        {
          name: "talk",
          weight: 3,
          steps: [
            {
              k6: {
                ...{ file: "it.js", function: "talk", scenario: "talk", iterations: 5, maxDuration: "90s" },
                ...{ env: { ROOM: "a" }, metrics: { time: "trend" } }
              }
            }
          ]
        },
        {
          name: "li-sten",
          weight: 1,
          steps: [
            {
              k6: {
                ...{ file: "it.js", function: "listen", scenario: "li-sten", maxDuration: "65s", gracefulStop: "5s" },
                metrics: { time: "trend" }
              }
            }
          ]
        }
      ]
    })
  })

  it("a script of k6 as a scenario has one load of several, and says so", () => {
    const script = withOptions(
      "{ scenarios: { a: { executor: 'constant-vus', vus: 2, duration: '5s' }, b: { executor: 'constant-arrival-rate', rate: 2, duration: '5s' } } }"
    )
    const both = convert(script)
    assert.strictEqual(both.options, "--clients 2 --ramp once --duration 5s")
    assert.match(both.notes.join(), /only the load of a is converted.*convert b with --scenario NAME/)
    assert.strictEqual(convert(script, "b").options, "--arrivals 2/s for 5s")
    assert.match(convert(script, "c").refusals.join(), /there is no scenario c: expected one of a, b/)
  })

  it.each([
    ["import { a } from 'k6/net/grpc'\nexport default function () { a() }", "1: k6/net/grpc is not available here"],
    ["import { a } from 'k6/ws'\nexport default function () { a() }", "1: k6/ws has no a here"],
    ["export const a = 1", "1: the script exports no function default"],
    ["export default function () {\n  const a: string = 'x'\n}", "2: it is not JavaScript: Unexpected token"],
    [
      "import { sleep } from 'k6'\nclass A {\n  constructor() { sleep(1) }\n}\nexport default function () { new A() }",
      "3: a constructor that waits can't be run: sleep, http and ws.connect wait"
    ]
  ])("a script of k6 as a scenario is refused: %s", (script, refusal) => {
    assert.deepStrictEqual(convert(script).refusals, [refusal])
  })

  it("a script of k6 as a scenario is refused with what it throws while it is read, and what handleSummary uses is not needed", () => {
    const [refusal] = convert("if (true) throw new Error('TOKEN is missing')\nexport default function () {}").refusals
    assert.match(refusal!, /^1: the script ended while it was read: Error: TOKEN is missing.*it\.js:1/)
    const summary =
      "import { textSummary } from 'https://jslib.k6.io/k6-summary/0.0.2/index.js'\nexport default function () {}\nexport function handleSummary(data) { return textSummary(data) }"
    assert.deepStrictEqual(convert(summary).refusals, [])
  })

  it.each([
    ["http.get(u)", "async function f() { await http.get(u) }"],
    ["const a = http.get(u).json()", "async function f() { const a = (await http.get(u)).json() }"],
    ["g(1)", "async function f() { await g(1) }"],
    ["list.forEach((x) => g(x))", 'async function f() { await __k6.list("forEach", list, async (x) => (await g(x))) }'],
    ["it.wait()", "async function f() { await it.wait() }"],
    ["retry(() => g(1))", "async function f() { await retry(async () => (await g(1))) }"],
    ["plain(__ITER, { __ITER })", "function f() { plain(__k6.iteration, { __ITER: __k6.iteration }) }"],
    ["list.map((x) => plain(x))", "function f() { list.map((x) => plain(x)) }"]
  ])("what blocks in a script of k6 is awaited, and nothing else: %s", (inside, made) => {
    const source = parse(
      "it.js",
      `import http from 'k6/http'
import { sleep } from 'k6'
const g = (x) => { sleep(x) }
const it = { wait() { g(1) } }
function retry(again) { return again() }
function f() { ${inside} }
`
    )
    const { code } = rewrite([source]).get("it.js")!
    const [line] = code.split("\n").filter((each) => each.includes("function f()"))
    assert.strictEqual(line, made)
    assert.strictEqual(
      code.split("\n").findIndex((each) => each.includes("function f()")),
      5
    )
  })

  it.scopedLive("a script of k6 runs against a server with its setup, load, checks and messages", () =>
    Effect.gen(function* () {
      const { url } = yield* WsServer.serve(Peer.echo)
      const path = yield* folder
      const [from, to] = [join(path, "it.js"), join(path, "it.yaml")]
      writeFileSync(
        from,
        `import ws from 'k6/ws'
import { check } from 'k6'
import { greeting } from './greeting.js'
export const options = { scenarios: { a: { executor: 'shared-iterations', vus: 3, iterations: 6 } }, thresholds: { checks: ['rate==1'] } }
export const setup = () => ({ word: 'hello' })
export default function (data) {
  const answer = ws.connect(__ENV.TARGET, null, (socket) => {
    socket.on('open', () => socket.send(greeting(data.word)))
    socket.on('message', (text) => { check(text, { same: (t) => t === greeting('hello') }); socket.close() })
  })
  check(answer, { opened: (r) => r.status === 101 })
}
export const teardown = (data) => console.log('teardown ' + data.word)`
      )
      writeFileSync(join(path, "greeting.js"), "export const greeting = (word) => word + ' from ' + __VU\n")
      process.env["TARGET"] = url
      const made = yield* echo(["import", "k6", from])
      assert.match(made.stderr, /each client runs 2 iterations/)
      writeFileSync(to, made.stdout)
      const options = /FILE (.*)/.exec(made.stdout)![1]!.replaceAll("'", "").split(" ")
      const { status, stderr, stdout } = yield* echo(["--scenario", to, ...options])
      assert.match(stdout, /^3 of 3 conversations right/)
      assert.match(stdout, /6 messages sent, 6 received/)
      assert.match(stdout, /12 k6\.checks\.true/)
      assert.match(stdout, /passed {2}k6\.checks\.share==1/)
      assert.include(stderr, "teardown hello")
      assert.strictEqual(status, 0)
    })
  )
})
