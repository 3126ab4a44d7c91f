import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Peer from "../../Echo/Peer.ts"
import * as WsServer from "../../Echo/WsServer.ts"
import { echo, folder } from "./command.ts"

/** Answers each message after `delay` milliseconds. */
const slow =
  (delay: number): Peer.Behaviour =>
  (peer) => {
    peer.onMessage = (message) => void setTimeout(() => peer.send(message), delay)
  }

/** Each client sends one message in a run. */
const load = [
  "--clients",
  "4",
  "--rate",
  "8",
  "--duration",
  "500ms",
  "--repeat",
  "5",
  "--quiet",
  "--threshold",
  "unsent<9"
]

describe("echo --repeat and echo compare", () => {
  it.scopedLive("echo --repeat and echo compare tell a server that became slower, with exit status 99", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const [before, after] = [join(path, "before.json"), join(path, "after.json")]
      const make = ([delay, file]: readonly [delay: number, file: string]) =>
        Effect.flatMap(WsServer.serve(slow(delay)), ({ url }) => echo([...load, "--url", url, "--json", file]))
      const made = yield* Effect.forEach(
        [
          [10, before],
          // Far more than a busy machine adds.
          [1500, after]
        ] as const,
        make,
        { concurrency: 2 }
      )
      assert.deepStrictEqual(
        made.map(({ status }) => status),
        [0, 0]
      )
      const slower = yield* echo(["compare", before, after, "--tolerance", "10%"])
      assert.match(slower.stdout, /rtt\.p50 .* ms .* s .*WORSE +p 0\.008/)
      assert.match(slower.stdout, /Worse: .*rtt\.p50/)
      assert.strictEqual(slower.status, 99)
    })
  )

  it.scopedLive("echo --repeat and echo compare judge thresholds by every run, and show the spread", () =>
    Effect.gen(function* () {
      let served = 0
      const { url } = yield* WsServer.serve((peer) => (++served <= 2 ? Peer.drops(peer) : Peer.original(peer)))
      const args = ["--clients", "2", "--delay", "0.02", "--ramp", "once", "--repeat", "3", "--url", url]
      const { status, stderr, stdout } = yield* echo([...args, "--threshold", "failed==0", "--threshold", "peak>=1"])
      assert.strictEqual(status, 99)
      assert.match(stderr, /run 1 of 3\n[\s\S]*run 3 of 3\n/)
      assert.match(stdout, /failed {2}failed==0 {2}\(.*, failed in 1 of the runs\)/)
      assert.match(stdout, /passed {2}peak>=1 {2}\(\d, in every run\)/)
      assert.match(stdout, /run by run +median +least +most\n/)
      assert.match(stdout, /^4 of 6 conversations right/)
    })
  )
})
