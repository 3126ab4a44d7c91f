import { readFileSync } from "node:fs"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Program from "../../../src/Echo/Scenario/Program.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"

const whole = `name: chat
connect:
  url: ws://localhost:9000/chat
  headers: {authorization: "Bearer {{client}}"}
  subprotocols: [chat.v1]
timeout: 5s
unmatched: ignore
steps:
  - expect: {pattern: "^welcome"}
  - send: {json: {type: join, user: "u{{client}}"}}
  - expect: {json: {type: joined}, timeout: 500ms}
  - wait: {min: 1s, max: 3s}
  - repeat:
      times: 3
      steps:
        - send: "hello {{round}}"
        - expect: "hello {{round}}"
        - wait: 0.5
  - send: {binary: AAEC}
  - expect: {binary: AAEC}
  - close: {code: 4000, reason: bye}
`

type Mistake = readonly [what: string, text: string, line: number, words: ReadonlyArray<string>]

const refusals: ReadonlyArray<Mistake> = [
  ["YAML that is none", "steps:\n  - send: [\n", 3, []],
  ["an alias without an anchor", "steps:\n  - send: a\n  - expect: *reply\n", 3, ["*reply has no anchor", "quotes"]],
  ["an alias within its anchor", "steps: &all\n  - repeat: {steps: *all}\n", 2, ["*all", "infinite"]],
  [
    "aliases that would fill the memory",
    ["x: 1", ...["b", "c", "d", "e"].map((name, i) => `${name}: &${name} [${`*${"abcde"[i]},`.repeat(20)}]`)]
      .join("\n")
      .replace("x: 1", "a: &a [1]"),
    1,
    ["alias"]
  ],
  [
    "an unknown step",
    "steps:\n  - send: a\n  - sned: b\n",
    3,
    ["steps[2].sned: there is no such field; did you mean send?"]
  ],
  ["an unknown field", "steps:\n  - send: a\nsetps: 1\n", 3, ["setps: there is no such field; did you mean steps?"]],
  [
    "a field like no other",
    "steps:\n  - send: a\nxyzzyx: 1\n",
    3,
    ["xyzzyx: there is no such field; expected name, connect"]
  ],
  [
    "a time that is none",
    "steps:\n  - expect: a\n  - expect:\n      exact: b\n      timeout: soon\n",
    5,
    ["steps[2].expect.timeout", "500ms"]
  ],
  [
    "a pattern that is none",
    "steps:\n  - expect: {pattern: '('}\n",
    2,
    ["steps[1].expect.pattern", "expected a regular expression"]
  ],
  [
    "two kinds of step in one",
    "steps:\n  - send: a\n    expect: b\n",
    2,
    ["steps[1]", "exactly one of wait, send", "send and expect"]
  ],
  ["an unknown variable", "steps:\n  - send: 'hi {{user}}'\n", 2, ["steps[1].send", "user", "{{client}}"]],
  [
    "a variable that only a later step sets",
    "steps:\n  - send: a\n  - send: {json: {id: [1, '{{id}}']}}\n  - expect: {any: true, capture: {id: $.id}}\n",
    3,
    ["steps[2].send.json.id", "no step before this sets {{id}}"]
  ],
  ...["json: {name: {file: ['{{id}}']}}", "json: {set: '{{id}}'}", "json: {steps: {script: '{{id}}'}}"].map(
    (payload): Mistake => [
      `an unknown variable at ${payload}`,
      `steps:\n  - send: {${payload}}\n`,
      2,
      ["steps[1].send.json", "no step before this sets {{id}}"]
    ]
  ),
  ...["form: {name: '{{id}}'}", "headers: {method: '{{id}}'}"].map(
    (part): Mistake => [
      `an unknown variable at ${part}`,
      `steps:\n  - http: {url: 'http://localhost/', ${part}}\n`,
      2,
      ["steps[1].http", "no step before this sets {{id}}"]
    ]
  ),
  [
    "data that is not there",
    "steps:\n  - send: a\n  - send: '{{users.name}}'\n",
    3,
    ["steps[2].send", 'there is no data named "users"']
  ],
  ["a path to nowhere", "steps:\n  - expect: {any: true, capture: {id: $..id}}\n", 2, ["capture.id", "$.user.ids[0]"]],
  ["odd hexadecimal digits", "steps:\n  - send: {hex: 0ff}\n", 2, ["steps[1].send.hex", "pairs of hexadecimal"]],
  ["a code that a client may not send", "steps:\n  - close: 1001\n", 2, ["steps[1].close", "3000 to 4999"]],
  ["an empty file", "# later\n", 1, ["the file is empty: expected steps"]],
  ["no steps", "name: x\n", 1, ["steps", "missing"]],
  ["an empty list of steps", "steps: []\n", 1, ["steps"]],
  [
    "a repeat inside",
    "steps:\n  - repeat:\n      times: 0\n      steps:\n        - send: a\n",
    3,
    ["steps[1].repeat.times", "positive"]
  ],
  ["JSON", '{"steps": [\n  {"send": "a"},\n  {"wait": "x"}\n]}', 3, ["steps[2].wait", "500ms"]]
]

describe("ScenarioFile", () => {
  it("ScenarioFile reads every kind of step", () => {
    const scenario = Either.getOrThrow(ScenarioFile.parse("chat.yaml", whole))
    assert.strictEqual(scenario.timeout, 5000)
    assert.strictEqual(scenario.unmatched, "ignore")
    assert.deepStrictEqual(scenario.steps[2], { expect: { json: { type: "joined" }, timeout: 500 } })
    assert.deepStrictEqual(scenario.steps[3], { wait: { min: 1000, max: 3000 } })
    assert.deepStrictEqual(scenario.steps[4]?.repeat?.steps[2], { wait: 500 })
    assert.deepStrictEqual(scenario.steps[7], { close: { code: 4000, reason: "bye" } })
  })

  for (const [what, text, line, words] of refusals) {
    it(`ScenarioFile refuses ${what}, naming line and field`, () => {
      const message = Either.getOrThrow(Either.flip(ScenarioFile.parse("my.yaml", text)))
      assert.match(message, new RegExp(`^my\\.yaml:${line}: `))
      assert.notInclude(message, "\n")
      for (const word of words) assert.include(message, word)
    })
  }

  it("ScenarioFile reads every scenario of the documentation", () => {
    const text = readFileSync(new URL("../../../docs/echo.md", import.meta.url), "utf8")
    const blocks = [...text.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1] ?? "")
    assert.strictEqual(blocks.length, 7)
    for (const block of blocks) {
      const scenario = Either.getOrThrow(ScenarioFile.parse("docs/echo.md", block))
      const options = { timeout: 1000, paced: false, lasts: true, files: new Map() }
      assert.isTrue(Either.isRight(Program.compile(scenario, options)))
    }
  })

  it.scoped("ScenarioFile reads the files that are sent, text and binary", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      yield* fs.writeFileString(`${folder}/hi.txt`, "hällo {{client}}")
      yield* fs.writeFile(`${folder}/raw.bin`, Uint8Array.of(0xff, 0xfe))
      yield* fs.writeFileString(
        `${folder}/s.yaml`,
        "steps:\n  - send: {file: hi.txt}\n  - send: {file: raw.bin}\n  - send: {file: hi.txt, as: binary}\n"
      )
      const { files } = yield* ScenarioFile.load(`${folder}/s.yaml`)
      assert.deepStrictEqual(files, {
        "auto hi.txt": { text: "hällo {{client}}" },
        "auto raw.bin": { base64: "//4=" },
        "binary hi.txt": { base64: Buffer.from("hällo {{client}}").toString("base64") }
      })
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.effect("ScenarioFile says which file is missing", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(ScenarioFile.load("/nowhere/s.yaml"))
      assert.include(error.message, "/nowhere/s.yaml: it cannot be read: there is no such file")
    }).pipe(Effect.provide(NodeContext.layer))
  )

  const missing: ReadonlyArray<readonly [text: string, place: string]> = [
    ["steps:\n  - send: a\n  - send: {file: no.bin}", "3: steps[2].send.file: no.bin"],
    [
      "steps:\n  - repeat:\n      times: 2\n      steps:\n        - script: no.mjs",
      "5: steps[1].repeat.steps[1].script: no.mjs"
    ],
    ["setup:\n  - script: no.mjs\nsteps: [{send: a}]", "2: setup[1].script: no.mjs"],
    ["steps:\n  - k6:\n      file: no.js", "3: steps[1].k6.file: no.js"],
    ["connect:\n  tls:\n    ca: no.pem\nsteps: [{send: a}]", "3: connect.tls.ca: no.pem"],
    [
      "scenarios:\n  - name: a\n    steps: [{send: a}]\n  - name: b\n    steps: [{send: {file: no.bin}}]",
      "5: scenarios[2].steps[1].send.file: no.bin"
    ]
  ]
  it.scoped.each(missing)(
    "ScenarioFile names the line of a file that is not there, before anything is opened: %j",
    ([text, place]) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const folder = yield* fs.makeTempDirectoryScoped()
        yield* fs.writeFileString(`${folder}/s.yaml`, text)
        const { message } = yield* Effect.flip(ScenarioFile.load(`${folder}/s.yaml`))
        assert.strictEqual(
          message,
          `${folder}/s.yaml:${place}: it cannot be read: there is no such file; check its path`
        )
      }).pipe(Effect.provide(NodeContext.layer))
  )

  const kinds: ReadonlyArray<readonly [text: string, message: string]> = [
    ["steps: hello", 'steps: expected a list, but found "hello"'],
    ["steps: []", "steps: expected a list with at least 1 entry, but found []"],
    ["steps: [hello]", 'steps[1]: expected fields such as wait, send, expect, until ..., but found "hello"'],
    [
      "steps: [{wait: true}]",
      "steps[1].wait: expected a time such as 500ms, 2s or 1m or the fields min and max, but found true"
    ],
    [
      "steps: [{http: {url: a, method: FETCH}}]",
      'steps[1].http.method: expected GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS, but found "FETCH"'
    ],
    ["steps: [{repeat: 3}]", "steps[1].repeat: expected the field steps, and perhaps times, but found 3"],
    ["connect: {headers: [a]}\nsteps: [{send: a}]", 'connect.headers: expected names with values, but found ["a"]'],
    ["unmatched: drop\nsteps: [{send: a}]", 'unmatched: expected fail or ignore, but found "drop"'],
    ["- send: a", 'expected the field steps, and perhaps name, connect, timeout, data ..., but found [{"send":"a"}]'],
    [
      "protocol: socket.io\nsteps: [{emit: {event: a, data: 1}}]",
      "steps[1].emit: data: there is no such field; expected event, args, namespace, ack, capture, timeout"
    ],
    [
      "protocol: graphql-ws\nsteps: [{subscribe: {query: a}}, {repeat: {steps: [{subscrieb: {query: a}}]}}]",
      "steps[2].repeat.steps[1].subscrieb: there is no such field; did you mean subscribe?"
    ],
    [
      "protocol: socket.io\nsteps: [{publish: a}]",
      "steps[1].publish: there is no such field; expected join, emit, event, wait, send, expect, until, close, set, reconnect, http, ping, script, stream, k6, switch, if, repeat, name"
    ],
    [
      "protocol: graphql-ws\nsteps: [{subscribe: x}]",
      'steps[1].subscribe: expected the field query, and perhaps variables, operationName, but found "x"'
    ]
  ]
  it.each(kinds)("ScenarioFile says in words of the file what a value may be: %j", (text, message) => {
    const found = Either.getOrThrow(Either.flip(ScenarioFile.parse("s.yaml", text)))
    assert.strictEqual(found.replace(/^s\.yaml:\d+: /, ""), message)
  })
})
