/** `record`, `import` and `--agents` with servers of other projects. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { WebSocket } from "ws"
import * as OtherServers from "../../Echo/OtherServers.ts"
import * as NatsServer from "../../Log/NatsServer.ts"
import { agents, echo, folder, recording } from "./command.ts"

const servers = {
  python: { title: "Python websockets", start: OtherServers.python("peers/chat.py"), end: "4000" },
  // It drops the connection without a close frame, so the proxy must close the client with another code.
  websocketd: { title: "websocketd", start: OtherServers.websocketd("peers/chat.sh"), end: "1011" }
} as const

/** Talks until the server closes. Returns the messages and the close code. */
const talk = (url: string) =>
  Effect.async<ReadonlyArray<string>>((resume) => {
    const socket = new WebSocket(url)
    const said = ["one", '{"x": 1}', "quit"]
    const heard: Array<string> = []
    socket.on("message", (data: Buffer) => {
      heard.push(data.toString())
      socket.send(said.shift() ?? "")
    })
    socket.on("close", (code) => resume(Effect.succeed([...heard.slice(1), String(code)])))
    socket.on("error", (error) => resume(Effect.succeed([error.message])))
  })

/** The script of another tool that sends a message and expects it back. */
const scripts: Readonly<Record<string, (url: string) => string>> = {
  artillery: (url) => `
config: {target: "${url}/"}
scenarios:
  - engine: ws
    flow:
      - send: {payload: {type: join, n: 1}, match: {json: $.type, value: welcome}}
      - loop: [{send: {payload: {type: say}, match: {json: $.type, value: join}}}]
        count: 1
`,
  k6: (url) => `import ws from 'k6/ws'
import { check } from 'k6'
export default function () {
  ws.connect('${url}/', null, (socket) => {
    socket.on('open', () => socket.send('hello ' + __VU))
    socket.on('message', (data) => {
      if (data.includes('welcome')) return
      check(data, { same: (d) => d === 'hello ' + __VU })
      socket.close()
    })
  })
}`
}

for (const [name, { end, start, title }] of Object.entries(servers)) {
  describe(title, () => {
    it.scopedLive("is recorded, and its recording holds the same conversation again", () =>
      Effect.gen(function* () {
        const url = yield* start
        const output = join(yield* folder, "chat.yaml")
        const { ended, kill, url: proxy } = yield* recording(`${url}/`, output)
        assert.deepStrictEqual(yield* talk(proxy), ["one", '{"x": 1}', end])
        kill("SIGINT")
        assert.strictEqual((yield* ended).status, 0)
        const text = readFileSync(output, "utf8")
        assert.match(text, /steps:\n {2}- expect:[\s\S]*welcome[\s\S]*- send: one\n {2}- expect: one\n/)
        const again = yield* echo(["--scenario", output, "--clients", "3", "--compress"])
        assert.match(again.stdout, /^3 of 3 conversations right/, again.stdout)
        assert.strictEqual(/does not speak permessage-deflate/.test(again.stdout), name === "websocketd")
        assert.strictEqual(again.status, 0)
      })
    )

    it.scopedLive("holds the conversations of imported scripts", () =>
      Effect.gen(function* () {
        const url = yield* start
        const path = yield* folder
        for (const [tool, script] of Object.entries(scripts)) {
          const [from, to] = [join(path, tool), join(path, `${tool}.yaml`)]
          writeFileSync(from, script(url))
          const made = yield* echo(["import", tool, from])
          assert.strictEqual(made.status, 0, made.stderr)
          writeFileSync(to, made.stdout)
          const run = yield* echo(["--scenario", to, "--clients", "3"])
          assert.match(run.stdout, /^3 of 3 conversations right/, run.stdout)
          assert.strictEqual(run.status, 0)
        }
      })
    )

    it.scopedLive("is loaded by agents", () =>
      Effect.gen(function* () {
        const url = yield* start
        const { url: broker } = yield* NatsServer.scoped({ jetstream: false })
        yield* agents(broker, "alpha", "beta")
        const file = join(yield* folder, "it.yaml")
        writeFileSync(file, 'steps: [{expect: {json: {type: welcome}}}, {send: "{{client}}"}, {expect: {sent: true}}]')
        const args = ["--agents", "2", "--nats", broker, "--scenario", file, "--url", `${url}/`, "--clients", "9"]
        const { status, stdout } = yield* echo(args)
        assert.match(stdout, /^9 of 9 conversations right/, stdout)
        assert.strictEqual(status, 0)
      })
    )
  })
}
