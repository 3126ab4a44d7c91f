import { createSocket } from "node:dgram"
import { readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Sink } from "../../../../src/Cli/Echo/Streams/Sink.ts"
import * as Streams from "../../../../src/Cli/Echo/Streams/Streams.ts"
import { emptyReport, type Report } from "../../../../src/Echo/Measure/Report.ts"
import { observe } from "../../../Echo/observation.ts"
import { eventually } from "../../../eventually.ts"
import { freePort } from "../../../freePort.ts"
import { silentOutput } from "../../silentOutput.ts"
import { folder } from "../command.ts"
import * as RemoteWriteReader from "./RemoteWriteReader.ts"

interface Request {
  readonly url: string
  readonly headers: NodeJS.Dict<string | ReadonlyArray<string>>
  readonly body: Buffer
}

/** An HTTP server that keeps the requests and answers with `status`. */
const receiver = (status = 200) =>
  Effect.acquireRelease(
    Effect.async<{ readonly url: string; readonly requests: Array<Request>; readonly close: () => void }>((resume) => {
      const requests: Array<Request> = []
      const server = createServer((request, response) => {
        const parts: Array<Buffer> = []
        request.on("data", (part: Buffer) => parts.push(part))
        request.on("end", () => {
          requests.push({ url: request.url ?? "", headers: request.headers, body: Buffer.concat(parts) })
          response.writeHead(status).end("{}")
        })
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        const close = () => server.closeAllConnections()
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, requests, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

/** Writes a run to the sink after its first and after its third second. */
const writeRun = Effect.fn(function* (sink: Sink) {
  const seconds = { length: 1 }
  const observer = observe(seconds)
  yield* sink.write(observer.poll(), 1_700_000_000_000)
  seconds.length = 3
  yield* sink.write(observer.poll(), 1_700_000_002_000)
})

const endOf = (sink: Sink) => (report: Report) => sink.end?.(report, 1_700_000_003_000) ?? Effect.die("has no end")

describe("--stream", () => {
  it.scopedLive("jsonl: a line at the start, each second and at the end", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "run.jsonl")
      writeFileSync(file, "of an earlier run\n")
      const sink = yield* Streams.open(`jsonl=${file}`)
      yield* writeRun(sink)
      yield* endOf(sink)({ ...emptyReport, completed: 5 })
      const lines = readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
      assert.deepStrictEqual(
        lines.map(({ second, type }) => [type, second]),
        [
          ["start", undefined],
          ["second", 1],
          ["second", 2],
          ["second", 3],
          ["end", undefined]
        ]
      )
      assert.strictEqual(lines[0].at, "2023-11-14T22:13:19.000Z")
      assert.deepInclude(lines[3], { sent: 100, open: 7, rttP50Ms: 50.015, rttMaxMs: 100, loopDelayMs: 4 })
      assert.strictEqual(lines[4].figures.completed, 5)
    }).pipe(Effect.provide([NodeContext.layer, silentOutput]))
  )

  it.scopedLive("prometheus: a page with the current figures", () =>
    Effect.gen(function* () {
      const port = yield* Effect.promise(() => freePort("127.0.0.1"))
      const sink = yield* Streams.open(`prometheus=${port}`)
      yield* writeRun(sink)
      const response = yield* Effect.promise(() => fetch(`http://127.0.0.1:${port}/metrics`))
      const text = yield* Effect.promise(() => response.text())
      assert.include(response.headers.get("content-type") ?? "", "text/plain; version=0.0.4")
      assert.match(
        text,
        /^# TYPE effect_c10k_echo_messages_sent_total counter\neffect_c10k_echo_messages_sent_total 300$/m
      )
      assert.match(text, /^effect_c10k_echo_clients\{state="open"\} 7$/m)
      assert.match(text, /^effect_c10k_echo_round_trip_seconds\{quantile="0.99"\} 0\.09/m)
      assert.match(text, /^effect_c10k_echo_failures_total\{cause="wrong reply",kind="at step 2"\} 1$/m)
      const taken = yield* Effect.flip(Streams.open(`prometheus=${port}`))
      assert.include(
        taken.message,
        `--stream prometheus=${port}: port ${port} is in use on 127.0.0.1: end the other program`
      )
    }).pipe(Effect.provide([NodeContext.layer, silentOutput]))
  )

  it.scopedLive("remote-write: a request that an independent reader of the format can read", () =>
    Effect.gen(function* () {
      const { requests, url } = yield* receiver()
      yield* writeRun(yield* Streams.open(`remote-write=${url}/api/v1/write`))
      assert.deepStrictEqual(
        requests.map((request) => request.url),
        ["/api/v1/write", "/api/v1/write"]
      )
      assert.deepInclude(requests[1]!.headers, {
        "content-type": "application/x-protobuf",
        "content-encoding": "snappy",
        "x-prometheus-remote-write-version": "0.1.0"
      })
      const lines = RemoteWriteReader.linesOf(requests[1]!.body)
      assert.include(
        lines,
        `__name__=effect_c10k_echo_messages_sent_total instance=${process.pid} job=effect-c10k-echo @1700000002000 300`
      )
      assert.include(
        lines,
        `__name__=effect_c10k_echo_round_trip_seconds instance=${process.pid} job=effect-c10k-echo quantile=1 @1700000002000 0.1`
      )
    }).pipe(Effect.provide([NodeContext.layer, silentOutput]))
  )

  it.scopedLive("remote-write: reports the receiver's answer", () =>
    Effect.gen(function* () {
      const { url } = yield* receiver(503)
      const sink = yield* Streams.open(`remote-write=${url}/api/v1/write`)
      const { message } = yield* Effect.flip(writeRun(sink))
      assert.include(message, "503")
    }).pipe(Effect.provide([NodeContext.layer, silentOutput]))
  )

  it.scopedLive("otlp: exports the last figures at the end, and is refused if nothing listens", () =>
    Effect.gen(function* () {
      const { requests, url } = yield* receiver()
      yield* Effect.scoped(Effect.flatMap(Streams.open(`otlp=${url}/v1/metrics`), writeRun))
      const { metrics } = JSON.parse(requests.at(-1)!.body.toString()).resourceMetrics[0].scopeMetrics[0]
      const sent = metrics.find(({ name }: { name: string }) => name === "effect_c10k_echo_messages_received_total")
      assert.isTrue(sent.sum.isMonotonic)
      // The registry is shared by the process, so other tests of this file count in it too.
      assert.strictEqual(sent.sum.dataPoints[0].asDouble % 300, 0)
      const port = yield* Effect.promise(() => freePort("127.0.0.1"))
      const { message } = yield* Effect.flip(Streams.open(`otlp=http://127.0.0.1:${port}/v1/metrics`))
      assert.include(message, `--stream otlp=http://127.0.0.1:${port}/v1/metrics: `)
    }).pipe(Effect.provide([NodeContext.layer, silentOutput]))
  )

  it.scopedLive("statsd: sends gauges as values, and counters as increases", () =>
    Effect.gen(function* () {
      const packets: Array<string> = []
      const socket = createSocket("udp4", (packet) => packets.push(packet.toString()))
      yield* Effect.addFinalizer(() => Effect.sync(() => socket.close()))
      yield* Effect.async<void>((resume) => {
        socket.bind(0, "127.0.0.1", () => resume(Effect.void))
      })
      yield* writeRun(yield* Streams.open(`statsd=127.0.0.1:${socket.address().port}`))
      const has = (line: string) => packets.join("\n").split("\n").includes(line)
      yield* Effect.promise(() => eventually(() => assert.isTrue(has("effect_c10k_echo_messages_sent_total:200|c"))))
      assert.isTrue(has("effect_c10k_echo_messages_sent_total:100|c"))
      assert.isTrue(has("effect_c10k_echo_clients:7|g|#state:open"))
      assert.isTrue(has("effect_c10k_echo_failures_total:1|c|#cause:wrong_reply,kind:at_step_2"))
      assert.isTrue(packets.every((packet) => packet.length <= 1400))
    }).pipe(Effect.provide([NodeContext.layer, silentOutput]))
  )

  const refusals = [
    "prom",
    "csv=x",
    "jsonl=",
    "prometheus=http",
    "prometheus=70000",
    "otlp=localhost",
    "statsd=here",
    "remote-write=ws://x"
  ]
  it.effect.each(refusals)("--stream refuses %s in a line that says what is expected", (given) =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(Streams.open(given))
      assert.match(message, /^--stream .+: expected .+ with .+$/)
    }).pipe(Effect.scoped, Effect.provide([NodeContext.layer, silentOutput]))
  )
})
