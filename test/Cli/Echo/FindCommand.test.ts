import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Peer from "../../Echo/Peer.ts"
import * as WsServer from "../../Echo/WsServer.ts"
import { echo, folder } from "./command.ts"

/** A server that accepts a number of connections and drops all others. */
const holding = (capacity: number) =>
  Effect.gen(function* () {
    let open: ReadonlySet<unknown> = new Set()
    const { sockets, url } = yield* WsServer.serve((peer) => (open.size > capacity ? peer.drop() : Peer.original(peer)))
    open = sockets
    return url
  })

describe("echo --find", () => {
  it.scopedLive("finds how many clients a server can hold, and writes the curve to its files", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const file = (name: string) => join(path, name)
      writeFileSync(file("s.yaml"), "steps: [{expect: Hello!}, {send: Spam?}, {expect: 1. Spam?}, {wait: 300ms}]")
      const { status, stderr, stdout } = yield* echo([
        ...["--find", "clients>=20", "--find-within", "10%", "--clients", "8", "--ramp", "once"],
        ...["--scenario", file("s.yaml"), "--url", yield* holding(23)],
        ...["--threshold", "connect.p99<10s", "--json", file("r.json"), "--html", file("r.html")]
      ])
      assert.match(stderr, /trying 8\n[\s\S]*8 held\n[\s\S]*trying 32\n[\s\S]*32 did not hold: \d+ failed \(/)
      assert.match(stdout, /the highest number of clients that held: 2[23] \(2[45] did not: \d+ failed/)
      assert.match(stdout, / 32 .* failed \(/)
      assert.strictEqual(status, 0)
      const { figures, search } = JSON.parse(readFileSync(file("r.json"), "utf8"))
      assert.include([22, 23], search.held)
      assert.strictEqual(figures.peak, search.held)
      const tried: ReadonlyArray<{ readonly load: number; readonly held: boolean }> = search.trials
      assert.deepStrictEqual(
        tried.filter(({ held, load }) => held !== load <= 23),
        []
      )
      assert.include(readFileSync(file("r.html"), "utf8"), "Round trip by clients")
    })
  )

  it.scopedLive("ends with 99 if it finds less than required, and says why the next load broke", () =>
    Effect.gen(function* () {
      const { url } = yield* WsServer.serve(Peer.echo)
      const { status, stdout } = yield* echo([
        ...["--find", "rate>=500", "--rate", "20", "--find-most", "40", "--clients", "2"],
        ...["--duration", "300ms", "--url", url, "--threshold", "rtt.max<10s", "--quiet=false"]
      ])
      assert.include(stdout, "the highest rate that held: 40/s\n")
      assert.include(stdout, "less than the required 500/s of --find")
      assert.strictEqual(status, 99)
    })
  )
})
