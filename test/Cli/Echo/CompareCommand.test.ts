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

const load = ["--clients", "4", "--rate", "100", "--duration", "300ms", "--repeat", "5", "--quiet"]

describe("echo --repeat and echo compare", () => {
  it.scopedLive("tell a server that became slower, with exit status 99", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const [before, after] = [join(path, "before.json"), join(path, "after.json")]
      const make = ([delay, file]: readonly [delay: number, file: string]) =>
        Effect.flatMap(WsServer.serve(slow(delay)), ({ url }) => echo([...load, "--url", url, "--json", file]))
      const made = yield* Effect.forEach(
        [
          [30, before],
          [90, after]
        ] as const,
        make,
        { concurrency: 2 }
      )
      assert.deepStrictEqual(
        made.map(({ status }) => status),
        [0, 0]
      )
      const slower = yield* echo(["compare", before, after, "--tolerance", "10%"])
      assert.match(slower.stdout, /rtt\.p50 .* ms .* ms .*WORSE +p 0\.008/)
      assert.match(slower.stdout, /Worse: .*rtt\.p50/)
      assert.strictEqual(slower.status, 99)
    })
  )

  it.scopedLive("judge thresholds by every run, and show the spread", () =>
    Effect.gen(function* () {
      let served = 0
      const { url } = yield* WsServer.serve((peer) => (++served <= 2 ? slow(150)(peer) : Peer.echo(peer)))
      const args = ["--clients", "2", "--rate", "20", "--duration", "300ms", "--repeat", "3", "--url", url]
      const { status, stderr, stdout } = yield* echo([
        ...args,
        "--threshold",
        "rtt.max<100ms",
        "--threshold",
        "failed==0"
      ])
      assert.strictEqual(status, 99)
      assert.match(stderr, /run 1 of 3\n[\s\S]*run 3 of 3\n/)
      assert.match(stdout, /failed {2}rtt\.max<100ms {2}\(.*, failed in 1 of the runs\)/)
      assert.match(stdout, /passed {2}failed==0 {2}\(0, in every run\)/)
      assert.match(stdout, /run by run +median +least +most\n/)
      assert.match(stdout, /^6 of 6 conversations right/)
    })
  )
})
