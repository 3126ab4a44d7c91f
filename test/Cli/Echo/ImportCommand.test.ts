import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Peer from "../../Echo/Peer.ts"
import * as WsServer from "../../Echo/WsServer.ts"
import { echo, folder } from "./command.ts"

/** A chat server: answers `join` with a token, and every other text with this token. */
const chat: Peer.Behaviour = (peer) => {
  peer.onMessage = (message) => {
    const text = String(message)
    if (!text.startsWith("{")) return peer.send(`${text} ok`)
    const { n, room, type, user } = JSON.parse(text)
    const isRight = type === "join" && room === "red" && (user === "ann" || user === "ben") && n >= 1 && n <= 9
    peer.send(JSON.stringify(isRight ? { type: "joined", me: { token: `t-${user}` } } : { type: "wrong" }))
  }
}

/** Writes a script and converts it. Returns the path of the scenario and the output of the conversion. */
const converted = (tool: string, script: string, ...options: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const path = yield* folder
    const [from, to] = [join(path, "script"), join(path, "made.yaml")]
    writeFileSync(from, script)
    const { status, stderr, stdout } = yield* echo(["import", tool, from, ...options])
    writeFileSync(to, stdout)
    return { path, status, stderr: stderr.replaceAll(from, "script"), stdout, to }
  })

describe("echo import artillery", () => {
  const script = (url: string) => `
config:
  target: ${url.replace("ws:", "http:")}
  phases:
    - {duration: 1, arrivalRate: 2, rampTo: 6, name: up, maxVusers: 50}
    - {duration: 500ms, arrivalCount: 4, maxVusers: 50}
  variables:
    room: [red]
  payload: {path: users.csv, fields: [user], order: sequence, skipHeader: true, cast: false}
  ensure: {maxErrorRate: 1}
scenarios:
  - name: chat
    engine: ws
    flow:
      - connect: "{{ target }}?room={{ room }}"
      - send:
          payload: {type: join, room: "{{ room }}", user: "{{ user }}", n: "{{ $randomNumber(1, 9) }}"}
          match: {json: $.type, value: joined}
          capture: {json: $.me.token, as: token}
      - think: 10ms
      - loop:
          - send: {payload: "hello {{ token }}", capture: {regexp: "(hello) t-.* ok", as: said}}
        count: 2
`

  it.scopedLive(
    "echo import artillery makes a scenario that sends and checks the same messages, and options for its phases",
    () =>
      Effect.gen(function* () {
        const { url } = yield* WsServer.serve(chat)
        const { path, status, stderr, stdout, to } = yield* converted("artillery", script(url))
        assert.strictEqual(stderr, "")
        assert.strictEqual(status, 0)
        const [, args = ""] = /\n# effect-c10k echo --scenario FILE (.*)\n/.exec(stdout) ?? []
        assert.strictEqual(
          args,
          "--arrivals '2->6/s in 1s, 8/s for 500ms' --max-clients 50 --threshold 'failed.share<=1%'"
        )
        writeFileSync(join(path, "users.csv"), "user\nann\nben\n")
        const words = [...args.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "")
        const run = yield* echo(["--scenario", to, ...words])
        assert.match(run.stdout, /^8 of 8 conversations right/)
        assert.match(run.stdout, /24 messages sent, 24 received/)
        assert.strictEqual(run.status, 0)
      })
  )

  it.scopedLive("echo import artillery fails if the server's answer does not fit Artillery's match", () =>
    Effect.gen(function* () {
      const { url } = yield* WsServer.serve(chat)
      const { path, to } = yield* converted("artillery", script(url))
      writeFileSync(join(path, "users.csv"), "user\neve\n")
      writeFileSync(to, readFileSync(to, "utf8").replace("timeout: 10s", "timeout: 2s"))
      const run = yield* echo(["--scenario", to, "--clients", "2"])
      assert.match(run.stdout, /2 {2}timeout: /)
      assert.strictEqual(run.status, 1)
    })
  )

  it.scopedLive("echo import artillery refuses what it cannot convert, each with its line", () =>
    Effect.gen(function* () {
      const { status, stderr, stdout } = yield* converted(
        "artillery",
        `config:
  target: ws://localhost/
  tls: {pfx: it.pfx}
scenarios:
  - engine: ws
    flow:
      - function: login
      - send: "{{ nobody }}"
      - loop:
          - get: {url: /}
        whileTrue: more
      - send: {payload: x, match: {regexp: a}}
`
      )
      assert.strictEqual(stdout, "")
      assert.deepStrictEqual(
        stderr.split("\n").map((line) => /^script:\d+: \S+ \S+ \S+/.exec(line)?.[0]),
        [
          "script:3: tls.pfx: write connect.tls",
          "script:7: JavaScript functions have",
          "script:8: {{ nobody }}",
          "script:10: get has no",
          "script:11: whileTrue has no",
          "script:12: a match without",
          undefined,
          undefined
        ]
      )
      assert.match(stderr, /effect-c10k: script was not converted, because of the 6 lines above\n$/)
      assert.strictEqual(status, 1)
    })
  )

  it.scopedLive("echo import artillery takes several scenarios with their weights, or the one that is named", () =>
    Effect.gen(function* () {
      const heard: Array<string> = []
      const { url } = yield* WsServer.serve((peer) => {
        peer.onMessage = (message) => void heard.push(String(message))
      })
      const two = `config: {target: "${url}", tls: {rejectUnauthorized: false}, ws: {headers: {x: y}, perMessageDeflate: true}}
scenarios:
  - {name: first one, engine: ws, weight: 3, flow: [{send: one}, {think: 50ms}]}
  - {engine: ws, flow: [{connect: "{{ target }}?a"}, {send: two}, {think: 50ms}]}
`
      const both = yield* converted("artillery", two)
      assert.match(
        both.stdout,
        /scenarios:\n {2}- name: first-one\n {4}weight: 3\n {4}connect:\n {6}url: .*\n {6}tls:\n {8}insecure: true\n {6}compress: true\n/
      )
      const run = yield* echo(["--scenario", both.to, "--clients", "8"])
      assert.match(run.stdout, /^8 of 8 conversations right/)
      assert.strictEqual(heard.filter((each) => each === "one").length, 6)
      assert.strictEqual(heard.filter((each) => each === "two").length, 2)
      const named = yield* converted("artillery", two, "--scenario", "2")
      assert.match(named.stdout, /steps:\n {2}- send: two\n {2}- wait: 50ms\n$/)
      const unknown = yield* converted("artillery", two, "--scenario", "three")
      assert.match(unknown.stderr, /^script:2: there is no scenario "three"; the scenarios are first one, 2\n/)
      assert.deepStrictEqual([both.status, named.status, unknown.status], [0, 0, 1])
    })
  )

  it.scopedLive("echo import artillery reports a script that is not YAML, a missing file, and an unknown tool", () =>
    Effect.gen(function* () {
      const broken = yield* converted("artillery", "config:\n  target: [\n")
      assert.match(broken.stderr, /^effect-c10k: script:3: /)
      const unknown = yield* converted("artilery", "")
      assert.strictEqual(unknown.stderr, "effect-c10k: files of artilery can't be converted: did you mean artillery?\n")
      const absent = yield* echo(["import", "artillery", "/nowhere/it.yml"])
      assert.match(
        absent.stderr,
        /^effect-c10k: \/nowhere\/it\.yml: it cannot be read: there is no such file; check its path/
      )
      assert.deepStrictEqual([broken.status, unknown.status, absent.status], [1, 1, 1])
    })
  )
})
