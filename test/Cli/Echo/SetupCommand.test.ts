import { writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { WebSocketServer } from "ws"
import * as WsServer from "../../Echo/WsServer.ts"
import { echo, folder } from "./command.ts"

/** Echoes messages, gives a new token for each request, and notes what it gets. */
const server = Effect.gen(function* () {
  const seen: Array<string> = []
  let tokens = 0
  const http = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    response.end(JSON.stringify({ token: `t0ken-${++tokens}` }))
  })
  new WebSocketServer({ server: http }).on("connection", (socket, request) => {
    seen.push(`WS ${request.headers.authorization}`)
    socket.on("message", (data: Buffer) => socket.send(data.toString()))
  })
  const { port } = yield* WsServer.listen(http)
  return { at: `127.0.0.1:${port}`, seen }
})

const scenario = (at: string) => `
connect: {url: "ws://${at}/", headers: {authorization: "{{token}}"}}
setup: [{http: {url: "http://${at}/setup", capture: {token: $.token}}}]
teardown: [{http: {method: DELETE, url: "http://${at}/all?by={{token}}"}}]
steps:
  - {script: talk.mjs}
`

const script = `
console.log("loaded")
export default async ({ client, receive, send }) => {
  send("hello")
  console.log("client", client, "got", await receive())
}
`

describe("a run in several processes", () => {
  it.scopedLive(
    "a run in several processes has one setup and one teardown, and its scripts print to standard error",
    () =>
      Effect.gen(function* () {
        const { at, seen } = yield* server
        const path = yield* folder
        const file = join(path, "s.yaml")
        writeFileSync(file, scenario(at))
        writeFileSync(join(path, "talk.mjs"), script)
        const args = ["--scenario", file, "--clients", "4", "--ramp", "once", "--processes", "2", "--json", "-"]
        const { status, stderr, stdout } = yield* echo(args)
        assert.strictEqual(status, 0)
        assert.deepStrictEqual(seen, [
          "GET /setup",
          ...Array.from({ length: 4 }, () => "WS t0ken-1"),
          "DELETE /all?by=t0ken-1"
        ])
        assert.strictEqual(JSON.parse(stdout).figures.completed, 4)
        for (const client of [1, 2, 3, 4]) assert.include(stderr, `client ${client} got hello\n`)
      })
  )
})
