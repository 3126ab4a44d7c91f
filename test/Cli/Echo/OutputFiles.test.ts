import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Histogram } from "../../../src/Echo/Measure/Histogram.ts"
import { ReportFile } from "../../../src/Echo/Report/ReportJson.ts"
import * as Peer from "../../Echo/Peer.ts"
import * as WsServer from "../../Echo/WsServer.ts"
import { echo, folder } from "./command.ts"

const decode = Schema.decodeUnknownSync(Schema.parseJson(ReportFile), { onExcessProperty: "error" })

describe("the files of the echo command", () => {
  it.scopedLive(
    "the files of the echo command are opened before a client connects, so a path that cannot be written ends the run at once",
    () =>
      Effect.gen(function* () {
        let met = 0
        const { url } = yield* WsServer.serve((peer) => {
          met++
          Peer.original(peer)
        })
        const path = yield* folder
        writeFileSync(join(path, "kept.json"), "of an earlier run")
        const opened = ["--json", join(path, "kept.json"), "--csv", join(path, "new.csv")]
        const files = [...opened, "--html", join(path, "no", "such", "folder.html")]
        const { status, stderr } = yield* echo(["--clients", "3", "--delay", "0.05", "--url", url, ...files])
        assert.match(
          stderr,
          /^effect-c10k: --html \S+folder\.html: it cannot be written: its folder does not exist; create it/m
        )
        assert.strictEqual(status, 1)
        assert.strictEqual(met, 0)
        assert.strictEqual(readFileSync(join(path, "kept.json"), "utf8"), "of an earlier run")
        assert.isFalse(existsSync(join(path, "new.csv")), "an empty file looks like a result")
      })
  )

  it.scopedLive("the files of the echo command are all written except the one that fails, which is reported", () =>
    Effect.gen(function* () {
      const { url } = yield* WsServer.serve(Peer.original)
      const path = yield* folder
      const json = join(path, "report.json")
      writeFileSync(json, "x".repeat(1_000_000))
      const files = ["--csv", "/dev/full", "--json", json, "--html", join(path, "report.html")]
      const { status, stderr, stdout } = yield* echo(["--clients", "3", "--delay", "0.05", "--url", url, ...files])
      assert.match(stderr, /^effect-c10k: --csv \/dev\/full: it cannot be written: the disk is full/m)
      assert.strictEqual(status, 1)
      assert.include(stdout, "3 of 3 conversations right")
      assert.strictEqual(decode(readFileSync(json, "utf8")).figures["completed"], 3)
      assert.isTrue(existsSync(join(path, "report.html")))
      assert.include(readFileSync(join(path, "report.html"), "utf8"), "</html>")
    })
  )

  it.scopedLive(
    "the files of the echo command contain the plan, the time, the tool and every sample; - is standard output",
    () =>
      Effect.gen(function* () {
        const { url } = yield* WsServer.serve(Peer.original)
        const before = Date.now()
        const { status, stderr, stdout } = yield* echo(["-c", "3", "--delay", "0.05", "--url", url, "--json", "-"])
        const file = decode(stdout)
        assert.strictEqual(status, 0)
        assert.include(stderr, "3 of 3 conversations right")
        assert.deepStrictEqual(file.options["clients"], 3)
        assert.deepStrictEqual(file.options["urls"], [url])
        assert.notProperty(file.options, "rate")
        assert.match(file.tool.version, /^\d+\.\d+\.\d+/)
        const [started, ended] = [Date.parse(file.startedAt), Date.parse(file.endedAt)]
        assert.isAtLeast(started, before)
        assert.isAtMost(ended, Date.now())
        assert.isAtMost(started, ended)
        const whole = Histogram.fromData(file.histograms["rtt"]!)
        assert.strictEqual(whole.count, 9)
        assert.strictEqual(whole.quantile(0.99), file.figures["rtt.p99"])
        const merged = new Histogram()
        for (const second of file.seconds) merged.add(Histogram.fromData(second.roundTrip))
        assert.deepStrictEqual(merged.toData(), whole.toData())
      })
  )
})
