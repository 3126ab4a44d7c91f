import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Peer from "../../Echo/Peer.ts"
import * as WsServer from "../../Echo/WsServer.ts"
import { echo, folder } from "./command.ts"

/** A server that serves the clients up to a number and drops all others, at whatever times they come. */
const serving = (capacity: number) =>
  Effect.map(
    WsServer.serve((peer) => {
      peer.onMessage = (client) => (Number(client) > capacity ? peer.drop() : peer.send(client))
    }),
    ({ url }) => url
  )

describe("echo --find", () => {
  it.scopedLive("echo --find finds how many clients a server can hold, and writes the curve to its files", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const file = (name: string) => join(path, name)
      writeFileSync(file("s.yaml"), "steps: [{send: '{{client}}'}, {expect: '{{client}}'}]")
      const { status, stderr, stdout } = yield* echo([
        ...["--find", "clients>=20", "--find-within", "10%", "--clients", "8", "--ramp", "once"],
        ...["--scenario", file("s.yaml"), "--url", yield* serving(23)],
        ...["--threshold", "connect.p99<10s", "--json", file("r.json"), "--html", file("r.html")]
      ])
      assert.match(
        stderr,
        /trying 8\n[\s\S]*8 was sustained\n[\s\S]*trying 32\n[\s\S]*32 was not sustained: \d+ failed \(/
      )
      assert.match(stdout, /the highest number of clients that was sustained: 2[23] \(2[45] did not: \d+ failed/)
      assert.match(stdout, / 32 .* failed \(/)
      assert.strictEqual(status, 0)
      const { figures, search } = JSON.parse(readFileSync(file("r.json"), "utf8"))
      assert.include([22, 23], search.sustained)
      assert.strictEqual(figures.completed, search.sustained)
      const tried: ReadonlyArray<{ readonly load: number; readonly passed: boolean }> = search.trials
      assert.deepStrictEqual(
        tried.filter(({ load, passed }) => passed !== load <= 23),
        []
      )
      assert.include(readFileSync(file("r.html"), "utf8"), "Round trip by clients")
    })
  )

  it.scopedLive("echo --find ends with 99 if it finds less than required, and says why the next load broke", () =>
    Effect.gen(function* () {
      const { url } = yield* WsServer.serve(Peer.echo)
      const { status, stdout } = yield* echo([
        ...["--find", "rate>=500", "--rate", "0.5", "--find-most", "1", "--clients", "2"],
        ...["--duration", "2s", "--url", url, "--threshold", "failed==0"]
      ])
      assert.include(stdout, "the highest rate that was sustained: 1/s\n")
      assert.include(stdout, "less than the required 500/s of --find")
      assert.strictEqual(status, 99)
    })
  )
})
