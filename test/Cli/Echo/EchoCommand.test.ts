import type { ChildProcess } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Peer from "../../Echo/Peer.ts"
import * as WsServer from "../../Echo/WsServer.ts"
import { echo, folder } from "./command.ts"

const server = (behaviour: Peer.Behaviour = Peer.original) => Effect.map(WsServer.serve(behaviour), ({ url }) => url)

describe("the echo command", () => {
  it.scopedLive(
    "the echo command runs the conversation of the original C10k demo, prints its lines, and ends with 0",
    () =>
      Effect.gen(function* () {
        const { status, stderr, stdout } = yield* echo(["--clients", "20", "--delay", "0.5", "--url", yield* server()])
        assert.notInclude(stdout, "connections\n")
        assert.match(
          stderr,
          /^each client has the built-in conversation: .* every 500 ms: about 1\.50 s a client, 2\.50 s in all\.\n/
        )
        assert.include(stderr, "for your own server: --rate 100 --duration 30s")
        assert.include(stderr, "20 clients are connected!")
        assert.include(stdout, "20 of 20 conversations right, 0 failed")
        assert.include(stdout, "60 messages sent, 100 received")
        assert.strictEqual(status, 0)
      })
  )

  it.scopedLive("the echo command counts connections up, at the peak and down", () =>
    Effect.gen(function* () {
      // Nobody leaves before all have come.
      const come: Array<Peer.Peer> = []
      const url = yield* server((peer) => {
        peer.onMessage = () => {
          if (come.push(peer) === 10) for (const each of come) each.send("go")
        }
      })
      const args = ["--clients", "10", "--ramp", "once", "--url", url]
      const scenario = join(yield* folder, "s.yaml")
      writeFileSync(scenario, "steps: [{send: here}, {expect: go}]")
      const { stderr, stdout } = yield* echo([...args, "--scenario", scenario])
      assert.match(stderr, /^> {5}1 connections\n/)
      assert.include(stderr, ">    10 connections\n\n10 clients are connected!\n\n<     9 connections\n")
      assert.match(stderr, /< {5}0 connections\n$/)
      assert.match(stdout, /^10 of 10/)
    })
  )

  it.scopedLive("the echo command offers compression, and fails a threshold if the server does not support it", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const args = ["--clients", "3", "--delay", "0.05", "--url", yield* server(), "--compress"]
      const bar = ["--threshold", "compression.declined==0", "--json", join(path, "r.json")]
      const { status, stdout } = yield* echo([...args, ...bar])
      assert.include(stdout, "the server does not speak permessage-deflate: none of 3 connections was compressed")
      assert.strictEqual(status, 99)
      const { compression, figures } = JSON.parse(readFileSync(join(path, "r.json"), "utf8"))
      assert.deepStrictEqual([compression.declined, figures["compression.declined"]], [3, 3])
      assert.isAbove(figures["wire.received"], figures["payload.received"])
      const without = yield* echo([...args.slice(0, -1), "--threshold", "compression.declined==0"])
      assert.match(without.stderr, /no figure is named compression\.declined/)
    })
  )

  it.scopedLive(
    "the echo command ends with 1 if the planned messages were not sent, unless a threshold says how many may be missing",
    () =>
      Effect.gen(function* () {
        // Each client waits for a reply that takes longer than the run.
        const args = ["--clients", "2", "--rate", "100", "--duration", "1s"]
        const url = yield* server((peer) => {
          let heard = 0
          peer.onMessage = (message) => {
            if (++heard === 1) peer.send(message)
            else setTimeout(() => peer.send(message), 500)
          }
        })
        const alone = yield* echo([...args, "--url", url])
        assert.include(alone.stdout, "0 failed")
        assert.include(alone.stderr, "more than 1 % of the planned messages were not sent")
        assert.strictEqual(alone.status, 1)
        const allowed = yield* echo([...args, "--url", url, "--threshold", "unsent<1000"])
        assert.strictEqual(allowed.status, 0)
      })
  )

  it.scopedLive("the echo command shows no password, token, header or cookie in any output", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const files = ["json", "html", "csv"].flatMap((kind) => [`--${kind}`, join(path, kind)])
      const url = `${(yield* server(Peer.echo)).replace("ws://", "ws://ann:pa55w0rd@")}?token=t0ken-in-url`
      const scenario = join(path, "s.yaml")
      writeFileSync(scenario, "steps: [{send: k3y-of-header and c00kie-val t0ken-in-url}, {expect: x}]")
      const secrets = ["--header", "Authorization: Bearer k3y-of-header", "--cookie", "id=c00kie-val"]
      const { status, stderr, stdout } = yield* echo([
        ...["--clients", "2", "--scenario", scenario, "--url", url, ...secrets, ...files],
        ...["--stream", `jsonl=${join(path, "jsonl")}`]
      ])
      assert.strictEqual(status, 1)
      assert.include(stdout, 'got "*** and *** ***"')
      const outputs = ["json", "html", "csv", "jsonl"].map((file) => readFileSync(join(path, file), "utf8"))
      for (const text of [stdout, stderr, ...outputs]) {
        assert.notMatch(text, /pa55w0rd|t0ken-in-url|k3y-of-header|c00kie-val/)
      }
    })
  )

  it.scopedLive("the echo command ends with 1 if a reply is wrong, and says where", () =>
    Effect.gen(function* () {
      const { status, stdout } = yield* echo(["--clients", "3", "--delay", "0.05", "--url", yield* server(Peer.wrong)])
      assert.strictEqual(status, 1)
      assert.match(stdout, /3 {2}wrong reply: at step 7/)
      assert.include(stdout, 'expected "2. Eggs!", got "2. Ham!"')
    })
  )

  it.scopedLive("the echo command ends with 1 and a report if the server goes away", () =>
    Effect.gen(function* () {
      let met = 0
      const { sockets, url } = yield* WsServer.serve((peer) => {
        Peer.original(peer)
        if (++met === 5) setTimeout(() => [...sockets].map((socket) => socket.destroy()), 50)
      })
      const { status, stderr, stdout } = yield* echo(["--clients", "5", "--delay", "0.3", "--url", url])
      assert.strictEqual(status, 1)
      assert.include(stdout, "early close: the connection was lost")
      assert.notMatch(stderr, /^\s+at /m)
    })
  )

  it.scopedLive("the echo command ends with 99 if a threshold fails, and writes its files", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const files = ["json", "csv", "html"].flatMap((kind) => [`--${kind}`, join(path, `report.${kind}`)])
      const args = ["--clients", "4", "--rate", "100", "--duration", "1s", "--url", yield* server(Peer.echo), ...files]
      const bars = ["--threshold", "rtt.p99<10s", "--threshold", "peak>=5"]
      const { status, stdout } = yield* echo([...args, ...bars])
      assert.strictEqual(status, 99)
      assert.match(stdout, /passed {2}rtt\.p99<10s/)
      assert.match(stdout, /failed {2}peak>=5 {2}\(4\)/)
      const json = JSON.parse(readFileSync(join(path, "report.json"), "utf8"))
      assert.strictEqual(json.figures.completed, 4)
      // A slow machine sends fewer of the planned messages: `unsent` has the others.
      assert.isAbove(json.figures.sent, 0)
      assert.strictEqual(json.figures.received, json.figures.sent)
      assert.strictEqual(json.figures.sent + json.figures.unsent, 100)
      assert.deepStrictEqual(
        json.thresholds.map(({ passed }: { readonly passed: boolean }) => passed),
        [true, false]
      )
      const rows = readFileSync(join(path, "report.csv"), "utf8").trim().split("\n")
      const columns = "second,connecting,open,completed,failed,sent,received,rttP50Ms,rttP99Ms,rttMaxMs,loopDelayMs,"
      const named = "recovery.p50,recovery.p99,recovery.max,recovery.count,reconnects,dropped,unpaired,discarded"
      assert.strictEqual(rows[0], columns + named)
      assert.strictEqual(rows.length - 1, json.seconds.length)
      assert.include(readFileSync(join(path, "report.html"), "utf8"), "<svg")
    })
  )

  it.scopedLive("the echo command ends at once with 99 and a report when --abort-on becomes true", () =>
    Effect.gen(function* () {
      const args = ["--clients", "10", "--rate", "500", "--duration", "10m", "--url", yield* server(Peer.echo)]
      const { status, stdout } = yield* echo([...args, "--abort-on", "failed>3", "--abort-on", "sent[10s]>=50"])
      assert.match(stdout, /0 of 10 conversations right, 0 failed, 10 cut short/)
      assert.match(stdout, /ended by --abort-on sent\[10s\]>=50 \(\d+\)/)
      assert.strictEqual(status, 99)
    })
  )

  it.scopedLive("the echo command shares the work among processes", () =>
    Effect.gen(function* () {
      const url = yield* server()
      const { status, stderr, stdout } = yield* echo([
        "--clients",
        "30",
        "--delay",
        "0.4",
        "--processes",
        "2",
        "--url",
        url
      ])
      assert.notMatch(stderr, /^\s+at /m)
      assert.include(stdout, "30 of 30 conversations right")
      assert.strictEqual(status, 0)
    })
  )

  it.scopedLive(
    "the echo command finishes the open conversations after one interrupt, reports, and ends with 130",
    () =>
      Effect.gen(function* () {
        const scenario = join(yield* folder, "s.yaml")
        writeFileSync(scenario, "steps: [{expect: Hello!}, {wait: 1s}, {send: Spam?}, {expect: 1. Spam?}]")
        // No conversation goes on before the interrupt.
        const come: Array<Peer.Peer> = []
        const url = yield* server((peer) => void come.push(peer))
        const args = ["--clients", "10", "--scenario", scenario, "--ramp", "steps:5/60s", "--url", url]
        const interrupt = (child: ChildProcess) => {
          child.kill("SIGINT")
          for (const peer of come) Peer.original(peer)
        }
        const { status, stderr, stdout } = yield* echo(args, [/> {5}5 conn/, interrupt])
        assert.include(stderr, "waiting for 5 conversations, up to 1.00 s and their replies; Ctrl-C again ends them")
        assert.include(stdout, "5 of 5 conversations right, 0 failed, 5 clients not started")
        assert.strictEqual(status, 130)
      })
  )

  it.scopedLive("the echo command ends at once after two interrupts, with a report and 130", () =>
    Effect.gen(function* () {
      const twice = (child: ChildProcess) => {
        let stderr = ""
        const again = (chunk: Buffer) => {
          stderr += chunk.toString()
          if (!stderr.includes("Ctrl-C again")) return
          child.stderr?.off("data", again)
          // The first was counted. From now on another is no echo of it.
          setTimeout(() => child.kill("SIGINT"), 300)
        }
        child.stderr?.on("data", again)
        child.kill("SIGINT")
      }
      const args = ["--clients", "6", "--delay", "30", "--ramp", "once", "--url", yield* server()]
      const { status, stdout } = yield* echo(args, [/6 clients are connected/, twice])
      assert.include(stdout, "0 of 6 conversations right, 0 failed, 6 cut short")
      assert.strictEqual(status, 130)
    })
  )

  it.effect(
    "the echo command shows the failures alone if no client connected: no figures of the tool, and no warnings",
    () =>
      Effect.gen(function* () {
        const args = ["--rate", "1000", "--duration", "1s", "--clients", "3", "--url", "ws://localhost:1"]
        const { status, stdout } = yield* echo(args)
        assert.match(
          stdout,
          /^0 of (\d+) conversations right, \1 failed\n0 connections at once; .*\n\nfailures\n +\1 {2}refused: /
        )
        assert.notMatch(stdout, /event loop|p99|warning|bytes/)
        assert.strictEqual(status, 1)
      })
  )

  it.scopedLive("the echo command shows the failures before the table of figures", () =>
    Effect.gen(function* () {
      const { stdout } = yield* echo(["--clients", "3", "--delay", "0.05", "--url", yield* server(Peer.wrong)])
      assert.isAbove(stdout.indexOf("\nfailures\n"), 0)
      assert.isAbove(stdout.indexOf("\nround trip "), stdout.indexOf("\nfailures\n"))
    })
  )

  const refusals: ReadonlyArray<readonly [args: ReadonlyArray<string>, words: string]> = [
    [["--url", "localhost:8000"], "--url localhost:8000: expected a WebSocket URL"],
    [["--threshold", "rtt.p990<1s"], "no figure is named rtt.p990; did you mean rtt.p90?"],
    [["--clients", "9000000"], "9,000,000 clients at one time need 9,000,040 file descriptors"]
  ]
  it.effect.each(refusals)("the echo command refuses %j in one line", ([args, words]) =>
    Effect.gen(function* () {
      const { status, stderr, stdout } = yield* echo(args)
      assert.include(stderr, words)
      assert.match(stderr, /^(?:.+\n){1,4}$/)
      assert.notMatch(stderr, /^\s+at /m)
      assert.strictEqual(stdout, "")
      assert.strictEqual(status, 1)
    })
  )
})
