import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { eventually } from "../../eventually.ts"
import * as ServerProcess from "../../Server/ServerProcess.ts"
import { echo, folder } from "./command.ts"
import { tokenServer } from "./tokenServer.ts"

const scenario = (at: string) => `
connect:
  url: ws://${at}/
  headers: {authorization: "{{token}} {{ownToken}}"}
  reconnect: {after: 10ms, login: true}
setup: [{http: {url: "http://${at}/setup", capture: {token: $.token}}}]
teardown: [{http: {method: DELETE, url: "http://${at}/all?by={{token}}"}}]
steps:
  - http: {url: "http://${at}/login", capture: {ownToken: $.token}}
  - repeat:
      steps: [{send: "I am {{ownToken}}"}, {expect: {sent: true}}]
  - reconnect: {after: 10ms, login: true}
  - send: last
  - expect: last
`

describe("--dry-run", () => {
  it.scopedLive(
    "--dry-run prints every message of one conversation, with one setup, one teardown, and a new login for each connection",
    () =>
      Effect.gen(function* () {
        const { at, seen } = yield* tokenServer(true)
        const file = join(yield* folder, "s.yaml")
        writeFileSync(file, scenario(at))
        const { status, stderr, stdout } = yield* echo(["--scenario", file, "--dry-run"])
        assert.deepStrictEqual([stderr, status], ["", 0])
        assert.deepStrictEqual(seen, [
          "GET /setup",
          "GET /login",
          "WS t0ken-1 t0ken-2",
          "I am t0ken-2",
          "GET /login",
          "WS t0ken-1 t0ken-3",
          "I am t0ken-3",
          "GET /login",
          "WS t0ken-1 t0ken-4",
          "last",
          "DELETE /all?by=t0ken-1"
        ])
        const lines = stdout.trimEnd().split("\n")
        const messages = lines.flatMap(
          (line) => /^ *[\d.]+ m?s {2}(-> I am .*|<- I am .*|[<-][->] last)$/.exec(line)?.[1] ?? []
        )
        assert.deepStrictEqual(messages, ["-> I am ***", "-> I am ***", "<- I am ***", "-> last", "<- last"])
        assert.include(stdout, '<- answer 200 {"token":"***"}')
        assert.include(stdout, "<- closed 1006")
        assert.match(lines.at(-1) ?? "", /^right: 3 sent, 2 received in /)
        assert.notInclude(stdout, "t0ken")
        // The times of setup, steps and teardown begin together.
        const times = lines.flatMap((line) => {
          const [, time, unit] = /^ *([\d.]+) (m?s) {2}/.exec(line) ?? []
          return time === undefined ? [] : Number(time) * (unit === "s" ? 1000 : 1)
        })
        assert.isAbove(times.length, 15)
        assert.deepStrictEqual(
          times,
          times.toSorted((a, b) => a - b)
        )
      })
  )

  it.scopedLive("--dry-run that is interrupted is not called right, and ends with 130", () =>
    Effect.gen(function* () {
      const { at } = yield* tokenServer(true)
      const file = join(yield* folder, "s.yaml")
      writeFileSync(file, `{connect: {url: "ws://${at}/"}, steps: [{wait: 10m}]}`)
      const process = yield* ServerProcess.start(["echo", "--scenario", file, "--dry-run"])
      yield* Effect.promise(() => process.printed(/-- open/))
      // The first lets the conversation end, and the second does not. Two at the same time may arrive as one.
      yield* Effect.promise(() =>
        eventually(() => {
          process.child.kill("SIGINT")
          assert.isTrue(process.isEnded)
        })
      )
      assert.strictEqual(yield* Effect.promise(() => process.ended), 130)
      assert.match(process.output, /\ncut short: 0 sent, 0 received in /)
    })
  )
})
