import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { head, Recording } from "../../../src/Cli/Echo/Record/Recording.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"

const opening = { from: "ws://localhost/", name: "it", url: "ws://localhost/?a={{b}}", headers: {}, subprotocols: [] }

/** The steps of a scenario file with these texts. */
const stepsOf = (...texts: ReadonlyArray<string>) =>
  Either.getOrThrowWith(ScenarioFile.parse("it.yaml", head(opening) + texts.join("")), (problem) => new Error(problem))
    .steps

describe("Recording", () => {
  it("Recording waits like the client, and not for messages that came at once", () => {
    const recording = new Recording(0)
    const steps = stepsOf(
      recording.message("client", "a", 5),
      recording.message("server", "b", 50),
      recording.message("client", "c", 1550)
    )
    assert.deepStrictEqual(steps, [{ send: "a" }, { expect: "b" }, { wait: 1500 }, { send: "c" }])
    assert.strictEqual(recording.steps, 4)
  })

  it("Recording gives a server that was silent for a long time more time than usual", () => {
    const recording = new Recording(0)
    const steps = stepsOf(recording.message("server", "late", 40_000), recording.message("server", "[1]", 60_000))
    assert.deepStrictEqual(steps, [
      { expect: { exact: "late", timeout: 80_000 } },
      { expect: { json: [1], timeout: 40_000 } }
    ])
  })

  it("Recording keeps every text and all bytes as they were", () => {
    const texts = [
      "",
      " ",
      "- a",
      "a: b\n\nc\n",
      "{{x}}",
      "null",
      "1",
      "'\"\\",
      "\u0000\u{1f600}\u2028",
      '{"a": 1}',
      "#"
    ]
    const recording = new Recording(0)
    const steps = stepsOf(
      ...texts.map((text) => recording.message("client", text, 0)),
      recording.message("client", Uint8Array.of(0, 255), 0),
      recording.message("client", '{"{{a}}":["{{b}}",1.5,null]}', 0)
    )
    assert.deepStrictEqual(
      steps.slice(0, texts.length).map(({ send }) => send),
      texts.map((text) => text.replace("{{", "{{'{{'}}"))
    )
    assert.deepStrictEqual(steps.slice(texts.length), [
      { send: { binary: "AP8=" } },
      { send: { json: { "{{'{{'}}a}}": ["{{'{{'}}b}}", 1.5, null] } } }
    ])
  })

  it("Recording ends as the first side ended, once", () => {
    const end = (by: "client" | "server", code: number, reason = "") => {
      const recording = new Recording(0)
      return stepsOf(recording.end(by, { code, reason }, 0), recording.end("client", { code: 1000, reason: "" }, 0))
    }
    assert.deepStrictEqual(end("client", 4001, "bye"), [{ close: { code: 4001, reason: "bye" } }])
    assert.deepStrictEqual(end("client", 1001), [{ close: 1000 }])
    assert.deepStrictEqual(end("client", 1005), [{ close: 1000 }])
    assert.deepStrictEqual(end("server", 1011, "full"), [{ expect: { closed: 1011 } }])
    assert.deepStrictEqual(end("server", 1005), [{ expect: { closed: 1005 } }])
    assert.deepStrictEqual(end("server", 1006), [{ close: 1000 }])
  })
})
