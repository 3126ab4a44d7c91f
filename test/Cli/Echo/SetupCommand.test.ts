import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { echo, folder } from "./command.ts"
import { tokenServer } from "./tokenServer.ts"

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
        const { at, seen } = yield* tokenServer(false)
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
