/** Conversations that a user's script runs, with a server on `ws`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"
import * as Peer from "../Peer.ts"
import { plan } from "../plan.ts"
import * as WsServer from "../WsServer.ts"

const CLIENTS = 4

const run = (steps: string, script: string, behaviour: Peer.Behaviour = Peer.echo, file = "flow.mjs") =>
  Effect.gen(function* () {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "echo-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true }))
    )
    writeFileSync(join(folder, file), script)
    writeFileSync(join(folder, "s.yaml"), `steps: ${steps}`)
    const said = yield* Effect.provide(ScenarioFile.load(join(folder, "s.yaml")), NodeContext.layer)
    const { url } = yield* WsServer.serve(behaviour)
    const load = plan(0, { ...said, urls: [url], clients: CLIENTS, ramp: { _tag: "Once" }, timeout: 2000 })
    const one = yield* LocalRun.make(load)
    return yield* one.report
  }).pipe(Effect.provide(WebSocketDialer.layer))

describe("script steps", () => {
  it.scopedLive("script steps run a part of the conversation, with the variables of the other steps", () =>
    Effect.gen(function* () {
      const script = `export default async (talk) => {
        for (let n = 1; n <= 3; n++) {
          talk.send(talk.get("word") + n + " of " + talk.client)
          const reply = await talk.receive()
          if (reply !== "a" + n + " of " + talk.client) throw new Error("got " + reply)
        }
        talk.set("end", "done")
      }`
      const steps = '[{set: {word: a, end: "-"}}, {script: flow.mjs, name: talk}, {send: "{{end}}"}, {expect: done}]'
      const report = yield* run(steps, script)
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.completed, CLIENTS)
      assert.strictEqual(report.sent, 4 * CLIENTS)
      assert.strictEqual(report.roundTrip.count, 4 * CLIENTS)
      assert.strictEqual(report.named.times["step.talk"]?.count, CLIENTS)
    })
  )

  it.scopedLive("script steps get the messages that came before a close, and may end then", () =>
    Effect.gen(function* () {
      const script = `export default async (talk) => {
        const words = ["Spam?", "Eggs!", "Python."]
        const heard = [await talk.receive()]
        for (const word of words) { talk.send(word); heard.push(await talk.receive()) }
        heard.push(await talk.receive())
        if (heard.at(-1) !== "Goodbye!") throw new Error(heard.join())
      }`
      const report = yield* run("[{script: flow.mjs}]", script, Peer.original)
      assert.deepStrictEqual(report.failures, [])
      const more = yield* run(
        "[{script: flow.mjs}]",
        script.replace("if (", "await talk.receive(); if ("),
        Peer.original
      )
      assert.strictEqual(more.failures[0]?.cause, "early close")
    })
  )

  it.scopedLive("script steps fail the conversation if they throw, and if no message comes in time", () =>
    Effect.gen(function* () {
      const thrown = yield* run("[{script: flow.mjs}]", 'export default () => { throw new Error("no such user") }')
      assert.strictEqual(thrown.failures[0]?.cause, "script")
      assert.include(thrown.failures[0]?.examples[0]?.detail, "no such user")
      const inside = yield* run("[{script: flow.mjs}]", "export default () => {\n  JSON.parse('a')\n}")
      assert.match(inside.failures[0]?.examples[0]?.detail ?? "", /^SyntaxError: .* at .*\/flow\.mjs:2:8\)?$/)
      const late = yield* run("[{script: flow.mjs}]", "export default (talk) => talk.receive()", Peer.silent)
      assert.strictEqual(late.failures[0]?.kind, "no message for the script at step 1 within 2.00 s")
      assert.strictEqual(late.failed, CLIENTS)
    })
  )

  it.scopedLive("script steps fail the conversation if they never end, and may wait as long as they say", () =>
    Effect.gen(function* () {
      const lost = yield* run("[{script: flow.mjs}]", "export default () => new Promise(() => {})")
      assert.strictEqual(lost.failed, CLIENTS)
      assert.strictEqual(lost.failures[0]?.cause, "script")
      assert.strictEqual(
        lost.failures[0]?.kind,
        "the script at step 1 neither sent nor received nor ended within 2.00 s"
      )
      const busy = `export default async (talk) => {
        talk.send("a")
        await talk.receive()
        await new Promise(() => {})
      }`
      assert.strictEqual((yield* run("[{script: flow.mjs}]", busy)).failed, CLIENTS)
      const patient = "export default async (talk) => { await talk.wait(2700); talk.send('a'); await talk.receive() }"
      assert.deepStrictEqual((yield* run("[{script: flow.mjs}]", patient)).failures, [])
    })
  )

  const refused: ReadonlyArray<readonly [string, string]> = [
    ["export const talk = 1", "flow.mjs: expected a function as its default export"],
    ["export default\n (", "flow.mjs:2: "],
    ['import "./nothing.mjs"', "flow.mjs: Cannot find module"]
  ]
  it.scopedLive.each(refused)("script steps are refused before the run: %s", ([script, words]) =>
    Effect.map(Effect.flip(run("[{script: flow.mjs}]", script)), (error) => {
      assert.strictEqual(error._tag, "PlanError")
      assert.include(error.message, words)
      assert.notInclude(error.message, "\n")
    })
  )
})
