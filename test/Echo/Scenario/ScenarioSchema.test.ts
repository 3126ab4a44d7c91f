import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Ajv } from "ajv"
import * as Either from "effect/Either"
import { parse } from "yaml"
import { content, file } from "../../../scripts/scenarioSchema.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"

const validate = new Ajv({ strict: true, strictTuples: false, strictRequired: false, strictTypes: false }).compile(
  JSON.parse(readFileSync(file, "utf8"))
)

const docs = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), "utf8")

/** The complete scenarios in a document: code blocks with steps that begin with a name, a connection, data or steps. */
const scenariosIn = (page: string): ReadonlyArray<string> =>
  [...page.matchAll(/```yaml\n([\s\S]*?)```/g)]
    .map(([, text = ""]) => text)
    .filter((text) => /^(?:steps|scenarios):/m.test(text))

const right = [
  "steps: [{wait: {min: 1s, max: 2}}, {send: {bytes: 1KiB}, name: big}, {expect: {any: true, count: 3, timeout: 1m}}]",
  "steps: [{http: {url: http://a/, form: {a: b}, capture: {t: {header: X}}}}, {ping: true}, {ping: {timeout: 1s}}]",
  "steps: [{repeat: {steps: [{until: a}, {switch: {cases: [{expect: a, steps: [{wait: 1}]}]}}]}}]",
  "{variables: {a: 1}, steps: [{if: {value: '{{a}}', above: 3, steps: [{close: 1000}], else: [{set: {a: b}}]}}]}",
  "{connect: {url: ws://a/, compress: {contextTakeover: true, threshold: 1KiB, level: 9}}, steps: [{send: a}]}",
  "scenarios: [{name: a, weight: 2, steps: [{send: a}]}]",
  "{protocol: {name: socket.io, auth: {a: 1}}, steps: [{repeat: {times: 2, steps: [{emit: {event: a, ack: [1]}, name: a}]}}]}",
  "{protocol: graphql-ws, setup: [{query: {query: '{n}'}}], steps: [{subscribe: {query: a}}, {next: {count: 2}}, {completed: true}]}",
  "{protocol: centrifugo, scenarios: [{name: a, steps: [{subscribe: {channel: a}}, {send: a}]}]}",
  "{protocol: json-rpc, steps: [{call: {method: a, params: [1], result: 2, capture: {x: $.result}}}]}",
  "{protocol: phoenix, steps: [{join: {topic: 'a:1'}}, {if: {value: a, equals: a, steps: [{leave: {topic: 'a:1'}}]}}]}"
]

const wrong = [
  "steps: []",
  "steps: [{send: a, expect: b}]",
  "steps: [{name: a}]",
  "steps: [{sent: a}]",
  "steps: [{expect: {exact: a, any: true}}]",
  "steps: [{repeat: {steps: [{wait: []}]}}]",
  "steps: [{send: a}]\nscenarios: [{name: a, steps: [{send: a}]}]",
  "{connect: {compress: {level: 10}}, steps: [{send: a}]}",
  "{connect: {compress: yes please}, steps: [{send: a}]}",
  "{protocol: socketio, steps: [{send: a}]}",
  "{protocol: {name: socket.io, token: a}, steps: [{send: a}]}",
  "{protocol: socket.io, steps: [{call: {method: a}}]}",
  "{protocol: socket.io, steps: [{emit: {evnt: a}}]}",
  "{protocol: phoenix, steps: [{repeat: {steps: [{join: {topic: a}}, {emit: {event: a}}]}}]}",
  "{steps: [{emit: {event: a}}]}",
  "{}"
]

describe("the JSON Schema of scenarios", () => {
  it("the JSON Schema of scenarios is current: `npm run schema` writes it", () => {
    assert.strictEqual(readFileSync(file, "utf8"), content())
  })

  it.each(right)("the JSON Schema of scenarios takes, as the tool does, %s", (text) => {
    assert.isTrue(Either.isRight(ScenarioFile.parse("s.yaml", text)))
    assert.isTrue(validate(parse(text)), JSON.stringify(validate.errors))
  })

  it.each(wrong)("the JSON Schema of scenarios refuses, as the tool does, %s", (text) => {
    assert.isTrue(Either.isLeft(ScenarioFile.parse("s.yaml", text)))
    assert.isFalse(validate(parse(text)))
  })

  it("the JSON Schema of scenarios leaves the steps of a protocol in a file to the protocol", () => {
    for (const protocol of ["./chat.mjs", { name: "./chat.mjs", token: "a" }])
      assert.isTrue(validate({ protocol, steps: [{ say: { room: "a" } }] }), JSON.stringify(validate.errors))
  })

  it.each(["echo.md", "echo-from-k6-and-artillery.md", "echo-protocols.md"])(
    "the JSON Schema of scenarios takes every scenario of docs/%s, as the tool does",
    (name) => {
      const scenarios = scenariosIn(docs(name))
      assert.isAbove(scenarios.length, 0)
      for (const text of scenarios) {
        assert.isTrue(validate(parse(text)), text)
        const parsed = ScenarioFile.parse(name, text)
        if (Either.isLeft(parsed)) assert.fail(`${parsed.left}\n${text}`)
      }
    }
  )
})
