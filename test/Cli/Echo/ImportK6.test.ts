import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { Findings, render } from "../../../src/Cli/Echo/Import/Conversion.ts"
import { convertK6 } from "../../../src/Cli/Echo/Import/K6/K6.ts"
import * as Peer from "../../Echo/Peer.ts"
import * as WsServer from "../../Echo/WsServer.ts"
import { echo, folder } from "./command.ts"

/** The scenario without its first lines, the options, and the notes and refusals. */
const convert = (script: string) => {
  const findings = new Findings()
  const converted = Either.getOrElse(convertK6(script, findings), ({ line, message }) =>
    assert.fail(`${line}: ${message}`)
  )
  const lines = (list: Findings["notes"]) => list.map(({ line, message }) => `${line}: ${message}`)
  const text = converted && findings.refusals.length === 0 ? Either.getOrThrow(render("it.js", "k6", converted)) : ""
  return {
    text: text.slice(text.indexOf("\nname: k6\n") + "\nname: k6\n".length),
    options: converted?.options.join(" "),
    notes: lines(findings.notes),
    refusals: lines(findings.refusals)
  }
}

/** A script for k6/ws around these lines. The first of them is line 4. */
const withSocket = (...lines: ReadonlyArray<string>): string =>
  `import ws from 'k6/ws'; import { check, sleep } from 'k6';
export default function () {
  ws.connect('ws://localhost/', {}, function (socket) {
${lines.join("\n")}
  })
}`

describe("the script of k6 as a scenario", () => {
  const loads: ReadonlyArray<readonly [options: string, converted: string, left: ReadonlyArray<string>]> = [
    ["{ vus: 3, duration: '1m30s' }", "--clients 3 --duration 90s", []],
    [
      "{ stages: [{ duration: '1m30s', target: 10 }, { duration: '1h0m30s', target: 10 }], vus: 2, tags: { a: 'b' } }",
      "--clients 10 --ramp random:90s --duration 3630s",
      ["vus", "tags"]
    ],
    [
      "{ scenarios: { a: { executor: 'constant-vus', vus: 2, duration: '5s', startTime: '1m', env: { A: 'b' }, tags: { c: 'd' }, gracefulStop: '3s' } } }",
      "--clients 2 --duration 5s",
      ["startTime", "env", "tags", "gracefulStop"]
    ],
    [
      "{ scenarios: { a: { executor: 'per-vu-iterations', vus: 2, iterations: 20, maxDuration: '1h' } }, noConnectionReuse: true }",
      "--clients 2",
      ["noConnectionReuse", "iterations", "maxDuration"]
    ]
  ]
  it.each(loads)(
    "the script of k6 as a scenario reports every member of the options that it does not read: %s",
    (options, converted, left) => {
      const script = `import ws from 'k6/ws'
export const options = ${options}
export default function () { ws.connect('ws://localhost/', {}, (socket) => { socket.on('open', () => { socket.send('a'); socket.close() }) }) }`
      const { notes, options: given } = convert(script)
      assert.strictEqual(given, converted)
      assert.deepStrictEqual(
        notes.flatMap((note) => /^2: (\w+) is left out/.exec(note)?.[1] ?? []),
        left
      )
    }
  )

  it("the script of k6 as a scenario reports setup and teardown, which it does not run", () => {
    const { notes } = convert(`import ws from 'k6/ws'
export function setup() { return { token: 1 } }
export default function () { ws.connect('ws://localhost/', {}, (socket) => { socket.on('open', () => { socket.send('a'); socket.close() }) }) }
export function teardown() {}`)
    assert.include(notes, "2: setup is left out: it has no counterpart")
    assert.include(notes, "4: teardown is left out: it has no counterpart")
  })

  it("the script of k6 as a scenario sends in an interval until the socket is closed", () => {
    const { notes, options, refusals, text } = convert(`import ws from 'k6/ws'
import { check, sleep } from 'k6'
import { Counter } from 'k6/metrics'
import { randomString, randomIntBetween } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js'
const messages = new Counter('messages')
const base = __ENV.BASE || 'ws://localhost:9000'
const length = 3 * 1000
export const options = { vus: 10, duration: '5s', insecureSkipTLSVerify: true }
export default function () {
  const id = randomString(8)
  const params = { headers: { 'X-User': 'u' + __VU, 'Sec-WebSocket-Protocol': 'chat, talk' }, compression: 'deflate' }
  const res = ws.connect(\`\${base}/\${id}?vu=\${__VU}\`, params, (socket) => {
    socket.on('open', () => {
      console.log('open')
      socket.send(JSON.stringify({ join: id, n: randomIntBetween(1, 9), vu: __VU, of: [id, 1] }))
      socket.setInterval(() => socket.send('{{ ' + Date.now()), 1000)
    })
    socket.on('message', (data) => { messages.add(1) })
    socket.on('error', (e) => console.log(e.error()))
    socket.setTimeout(() => { socket.close() }, length)
  })
  check(res, { 'is 101': (r) => r && r.status === 101 })
  sleep(1)
}`)
    assert.deepStrictEqual(refusals, [])
    assert.deepStrictEqual(notes, [
      "6: the default value is used instead of the environment variable BASE",
      "23: the pause between two conversations is left out"
    ])
    assert.strictEqual(options, "--clients 10 --duration 5s --insecure")
    assert.strictEqual(
      text,
      `connect:
  url: ws://localhost:9000/{{id}}?vu={{client}}
  compress: true
  headers:
    X-User: u{{client}}
  subprotocols:
    - chat
    - talk
variables:
  id: "{{$text(8)}}"
unmatched: ignore
steps:
  - send:
      json:
        join: "{{id}}"
        n: "{{$integer(1, 9) | number}}"
        vu: "{{client | number}}"
        of:
          - "{{id}}"
          - 1
  - repeat:
      times: 2
      steps:
        - wait: 1s
        - send: "{{'{{'}} {{$timestamp}}"
  - wait: 1s
  - close: 1000
`
    )
  })

  it("the script of k6 as a scenario expects the message that a handler checks before it answers and closes", () => {
    const { options, refusals, text } = convert(`import { WebSocket } from 'k6/websockets'
import { check, sleep } from 'k6'
export const options = { scenarios: { a: { executor: 'constant-arrival-rate', rate: 300, timeUnit: '1m', duration: '10s', maxVUs: 20 } } }
export default function () {
  const ws = new WebSocket('ws://localhost/', ['chat'])
  ws.onopen = () => {
    ws.send('login')
    setTimeout(() => ws.close(), 5000)
  }
  ws.addEventListener('message', (event) => {
    const reply = JSON.parse(event.data)
    check(reply, { type: (r) => r.type === 'welcome', name: (r) => r.user.name == 'ann' })
    for (let i = 0; i < 3; i++) { ws.send('again'); sleep(0.1) }
    setTimeout(() => { ws.close(4000) }, 200)
  })
}`)
    assert.deepStrictEqual(refusals, [])
    assert.strictEqual(options, "--arrivals 5/s for 10s --max-clients 20")
    assert.strictEqual(
      text.slice(text.indexOf("steps:")),
      `steps:
  - send: login
  - expect:
      json:
        type: welcome
        user:
          name: ann
      timeout: 5000ms
  - repeat:
      times: 3
      steps:
        - send: again
        - wait: 100ms
  - wait: 200ms
  - close: 4000
`
    )
  })

  it.each([
    ["socket.on('message', (m) => socket.send(m))", "4: m is not a constant that is known before the run"],
    [
      "socket.on('message', (m) => socket.send('x'))",
      "4: this handler of messages would answer for ever: only a handler that closes is converted"
    ],
    ["socket.on('open', () => { if (__VU > 3) socket.send('x') })", "4: if has no counterpart in a plain sequence"],
    ["socket.on('open', () => { socket.ping() })", "4: ping of a socket has no counterpart: send and close have"],
    ["socket.on('close', () => { socket.send('x') })", "4: a handler for close has no counterpart"],
    [
      "socket.setInterval(() => socket.send('a'), 10); socket.setInterval(() => socket.send('b'), 10)",
      "3: two actions at the same time have no counterpart"
    ],
    ["socket.setInterval(() => socket.send('a'), 0)", "4: a timer without a time has no counterpart"],
    [
      "let n = 0; socket.on('open', () => { n += 1; socket.send('a' + n) })",
      "4: this has no counterpart in a plain sequence"
    ],
    ["socket.on('open', () => { socket.send(Math.random()) })", "4: Math.random() has no counterpart"],
    ["socket.on('open', later)", "4: the function that handles open is not in this script"]
  ])("the script of k6 as a scenario refuses %s", (line, refusal) => {
    const { refusals } = convert(withSocket(line))
    assert.include(refusals, refusal)
  })

  it("the script of k6 as a scenario refuses a script without a socket, or with two", () => {
    assert.deepStrictEqual(convert("export default function () {}").refusals, [
      "1: the default function opens no WebSocket of k6/ws or k6/websockets"
    ])
    assert.deepStrictEqual(convert("export const a = 1").refusals, ["1: the script has no default function"])
    const two = `import { WebSocket } from 'k6/websockets'
export default function () {
  const a = new WebSocket('ws://a/')
  const b = new WebSocket('ws://b/')
  a.onopen = () => a.send('x')
}`
    assert.deepStrictEqual(convert(two).refusals, ["4: a second WebSocket has no counterpart"])
  })

  it.scopedLive(
    "the script of k6 as a scenario runs against a server like the script, and reports invalid JavaScript",
    () =>
      Effect.gen(function* () {
        const { url } = yield* WsServer.serve(Peer.echo)
        const path = yield* folder
        const [from, to] = [join(path, "it.js"), join(path, "it.yaml")]
        writeFileSync(
          from,
          `import ws from 'k6/ws'
import { check } from 'k6'
export default function () {
  ws.connect('${url}', null, (socket) => {
    socket.on('open', () => socket.send('hello ' + __VU))
    socket.on('message', (data) => { check(data, { same: (d) => d === 'hello ' + __VU }); socket.close() })
  })
}`
        )
        const made = yield* echo(["import", "k6", from])
        assert.strictEqual(made.stderr, "")
        writeFileSync(to, made.stdout)
        const { status, stdout } = yield* echo(["--scenario", to, "--clients", "3"])
        assert.match(stdout, /^3 of 3 conversations right/)
        assert.strictEqual(status, 0)
        writeFileSync(from, "export default function () {\n  const a: string = 'x'\n}")
        const broken = yield* echo(["import", "k6", from])
        assert.strictEqual(broken.stderr, `effect-c10k: ${from}:2: it is not JavaScript: Unexpected token\n`)
        assert.strictEqual(broken.status, 1)
      })
  )
})
